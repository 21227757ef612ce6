#!lua
-- Writes all that deciding articles of a story changes, one or some in a row, each upon the one before it: all or
-- nothing, only in their turn, only upon the state that the first was decided upon.
-- KEYS: 1 state, 2 articles, 3 findings, 4 starts, 5 claims, 6 claims:log, 7 documents, 8 events, 9 new-claims,
--       10 counts, 11 outcomes, 12 furniture, 13 how many wire stories each generation opened; then the generations, and
--       then of each commit its seen and doc, and the wire story's record if there is one for the wire index
-- ARGV: 1 token, 2 token behind the last, 3 group, 4 where the log begins, 5 ttl, 6 how many events; groups, each behind
--       its length: numbers, claims, claims that are dropped, documents, furniture, counters, by how much each,
--       generations; of each commit: token behind it, claims that changed, article, uri, outcome, its wire story, mark
--       of the admission, how many events, and which of KEYS is its generation; behind it if there is one: wire story,
--       record, fingerprints; then each event as a group, behind `1` if it is a new claim
-- Returns 1 if it was written, 2 if it stands already (an earlier call whose reply was lost, or another worker that
-- decided the same), and 0 if it is stale.
-- What it costs is calls, and then tables, and numbers read from text and printed: so what several commits write into
-- one key comes merged and is written in one call, and what is passed on stays text.
local call, KEYS, ARGV = redis.call, KEYS, ARGV
local BOUNDS_MS = {5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000}
local token, next_token, of_group, log_from, ttl, events = unpack(ARGV, 1, 6)
local at = 6
local function take_group() -- first and last
  at = at + 1
  local from, length = at + 1, ARGV[at]
  if length ~= '0' then at = at + length end
  return from, at
end
local function hset(key, from, to)
  for some = from, to, 1000 do -- a call takes some thousand arguments at most
    call('HSET', key, unpack(ARGV, some, math.min(to, some + 999)))
  end
end

local state = call('HMGET', KEYS[1], 'committed', 'token', 'sequence', 'admitted')
local numbers, numbers_end = take_group()
local many, last = numbers_end - numbers + 1, ARGV[numbers_end]
local n, committed = tonumber(ARGV[numbers]), tonumber(state[1] or '0')
if committed >= n then
  local logged = call('XRANGE', KEYS[6], last .. '-0', last .. '-0')[1]
  return (logged and logged[2][2] == next_token) and 2 or 0
end
if committed + 1 ~= n or (state[2] or '') ~= token or n + many - 1 > tonumber(state[4] or '0') then
  return 0 -- above what was admitted: the server came back older than it was, and lost the admission
end

local claims, claims_end = take_group()
local dropped, dropped_end = take_group()
local documents, documents_end = take_group()
local furniture, furniture_end = take_group()
local counters, counters_end = take_group()
local by = take_group()
local generations, generations_end = take_group()
local heads, logs = at, generations_end - generations + 1
local ids, signs = {}, {} -- of the articles, and that they are dead letters
for i = 1, many do
  local number = ARGV[numbers + i - 1]
  ids[i], signs[2 * i - 1], signs[2 * i] = number .. '-0', number, 'dead:' .. number
end

-- A script is not rolled back: whatever could fail half way is looked at before the first write, several things in one
-- call where one will do. This one finds the articles, that streams are streams, and that nobody else has written
-- where the ids are ours.
local found, before = nil, (n - 1) .. '-0'
local function foreign(stream, what)
  return redis.error_reply('FOREIGN ' .. stream .. ' ' .. what .. ' behind the last commit: something else writes to '
    .. 'this server. Look at it, rename it, and start again; `store check` tells whether the rest is whole')
end
if logs == 0 then
  found = call('XREAD', 'COUNT', many, 'STREAMS', KEYS[2], KEYS[6], KEYS[11], KEYS[8], KEYS[9],
    before, before, before, '$', '$')
else
  local streams = {KEYS[2], KEYS[6], KEYS[11], KEYS[8], KEYS[9], unpack(KEYS, 14, 13 + logs)}
  streams[logs + 6], streams[logs + 7], streams[logs + 8] = before, before, before
  for i = logs + 9, 2 * logs + 10 do streams[i] = '$' end
  found = call('XREAD', 'COUNT', many, 'STREAMS', unpack(streams))
end
local entries, entry_at = {}, 1
for i = 1, found and #found or 0 do
  local stream, there = found[i][1], found[i][2]
  if stream == KEYS[2] then
    entries = there
  else
    return foreign(stream, 'has the entry ' .. there[1][1])
  end
end
local starts = call('HMGET', KEYS[4], unpack(signs))
local key, doc_ttls, versions = 13 + logs, {}, {}
local now, sum_ms, upper, uppers, others = nil, 0, nil, 0, nil
local opened = logs > 0 and call('HMGET', KEYS[13], unpack(ARGV, generations, generations_end))
for i = 1, logs do opened[i] = opened[i] and opened[i] + 0 end
local more, opening = logs > 0 and {}, logs > 0 and {}
for i = 1, many do
  local article, outcome, mark, told, of_log = ARGV[at + 3], ARGV[at + 5], ARGV[at + 7], ARGV[at + 8], ARGV[at + 9]
  local entry, admitted_at, admitted, version = entries[entry_at], nil, nil, nil
  if entry and entry[1] == ids[i] then
    local fields = entry[2]
    entry_at = entry_at + 1
    for j = 1, #fields, 2 do
      local name, value = fields[j], fields[j + 1]
      if name == 'at' then admitted_at = value
      elseif name == 'id' then admitted = value
      elseif name == 'version' then version = value end
    end
    -- A server that came back older than it was may have given the number to another article, or to another text of it.
    if (mark ~= '' and mark ~= (admitted_at or '') .. ' ' .. (admitted or '') .. ' ' .. (version or ''))
      or (article ~= '' and article ~= admitted) then
      return 0
    end
  end
  -- An article that was given up is among the dead letters: it may come again from there, and only from there. And one
  -- that is not there (the server lost it) is not parked.
  if (outcome == 'parked') ~= (starts[2 * i] ~= false) then return 0 end
  local seen = call('HMGET', KEYS[key + 1], 'number', 'ttl')
  doc_ttls[i] = (not seen[1] or seen[1] == ARGV[numbers + i - 1]) and (seen[2] or ttl)
  versions[i] = version or '1'
  if versions[i] ~= '1' and tonumber(version) > 8 then call('HLEN', KEYS[key + 2]) end
  if told ~= '0' and admitted_at then -- the time from admission to the events
    now = now or call('TIME')
    local ms, bound = math.max(0, now[1] * 1000 + math.floor(now[2] / 1000) - admitted_at), '+Inf'
    for j = 1, #BOUNDS_MS do
      if ms <= BOUNDS_MS[j] then
        bound = BOUNDS_MS[j]
        break
      end
    end
    sum_ms, upper = sum_ms + ms, upper or bound
    if bound == upper then
      uppers = uppers + 1
    else
      others = others or {}
      others[bound] = (others[bound] or 0) + 1
    end
  end
  at, key = at + 9, key + 2
  if of_log ~= '0' then
    key, at = key + 1, at + 3
    if not opening[KEYS[key]] and call('EXISTS', KEYS[key]) == 0 then
      more[of_log] = (more[of_log] or 0) + 1
    end
    opening[KEYS[key]] = true
  end
end
if claims_end >= claims or dropped_end >= dropped then call('HLEN', KEYS[5]) end
if documents_end >= documents then call('HLEN', KEYS[7]) end
if furniture_end >= furniture then call('HLEN', KEYS[12]) end
-- Counters, and before them the time from admission to the events: what is asked for is written back.
local counted
if upper then
  counted = call('HMGET', KEYS[10], 'latency:' .. upper, 'latency:sum_ms', unpack(ARGV, counters, counters_end))
else
  counted = call('HMGET', KEYS[10], unpack(ARGV, counters, counters_end))
end
local timed = upper and 2 or 0
for i = #counted, timed + 1, -1 do
  counted[2 * i], counted[2 * i - 1] = (counted[i] or 0) + ARGV[by + i - timed - 1], ARGV[counters + i - timed - 1]
end
if upper then
  counted[4], counted[3], counted[2], counted[1] =
    (counted[2] or 0) + sum_ms, 'latency:sum_ms', (counted[1] or 0) + uppers, 'latency:' .. upper
end
if others then -- of several in a step, one took much longer than another
  for bound, count in pairs(others) do
    local name = 'latency:' .. bound
    counted[#counted + 1], counted[#counted + 2] = name, (call('HGET', KEYS[10], name) or 0) + count
  end
end
local sequence = state[3] or '0'
if events ~= '0' then sequence = sequence + events end
call('HLEN', KEYS[3])

-- which claims changed, the outcome; the wire story's record, and which fingerprints vote for it from now on; and the
-- text lives on until the horizon, unless a later version waits
local at_head, logged = heads, {}
key = 13 + logs
for i = 1, many do
  local id = ids[i]
  local behind, changed, article, uri, outcome, of_wire_story, _, told, of_log = unpack(ARGV, at_head + 1, at_head + 9)
  -- The first write may fail by itself: an entry that was written and deleted again is seen nowhere, but ids go on
  -- behind it. Of the log nothing but a short cut is lost then: it begins with this commit.
  local put = redis.pcall('XADD', KEYS[11], id, 'article', article, 'version', versions[i], 'uri', uri,
    'outcome', outcome, 'wireStory', of_wire_story, 'events', told)
  if type(put) == 'table' then
    return string.find(put.err, 'smaller', 1, true) and foreign(KEYS[11], 'had an entry, deleted again,') or put
  end
  if i < many then
    put = redis.pcall('XADD', KEYS[6], id, 'token', behind, 'ids', changed)
  else
    put = redis.pcall('XADD', KEYS[6], 'MINID', '~', log_from, id, 'token', behind, 'ids', changed)
  end
  if type(put) == 'table' then
    call('DEL', KEYS[6])
    call('XADD', KEYS[6], id, 'token', behind, 'ids', changed)
  end
  if doc_ttls[i] then call('EXPIRE', KEYS[key + 2], doc_ttls[i]) end
  if versions[i] ~= '1' and tonumber(versions[i]) > 8 then
    call('HDEL', KEYS[key + 2], versions[i] - 8) -- a source that rewrites a text for ever does not fill the memory
  end
  at_head, key = at_head + 9, key + 2
  if of_log ~= '0' then
    local wire_story, record, fingerprints = unpack(ARGV, at_head + 1, at_head + 3)
    at_head, key = at_head + 3, key + 1
    call('SET', KEYS[key], record, 'EX', ttl)
    if #fingerprints > 0 then
      local log = KEYS[tonumber(of_log)]
      local put = redis.pcall('XADD', log, id, 'w', wire_story, 'f', fingerprints)
      if type(put) == 'table' then -- an error: the log goes on behind this commit, it is of a state that is no more
        call('DEL', log)
        call('XADD', log, id, 'w', wire_story, 'f', fingerprints)
      end
      logged[of_log] = true
    end
  end
end
for i = 1, logs do
  local of_log = tostring(13 + i)
  if logged[of_log] then call('EXPIRE', KEYS[13 + i], ttl) end
  if more[of_log] or not opened[i] then -- the generation is named there, be it with none opened
    call('HSET', KEYS[13], ARGV[generations + i - 1], (opened[i] or 0) + (more[of_log] or 0))
  end
end

-- findings, claims, documents, and what the outlet's pages have in common
call('HDEL', KEYS[3], unpack(ARGV, numbers, numbers_end))
hset(KEYS[5], claims, claims_end)
if dropped_end >= dropped then call('HDEL', KEYS[5], unpack(ARGV, dropped, dropped_end)) end
hset(KEYS[7], documents, documents_end)
hset(KEYS[12], furniture, furniture_end)
call('HSET', KEYS[10], unpack(counted))

-- events
at = at_head
for _ = 1, events do
  at = at + 1
  local is_new_claim = ARGV[at] == '1'
  local from, to = take_group()
  call('XADD', KEYS[8], '*', unpack(ARGV, from, to))
  if is_new_claim then call('XADD', KEYS[9], '*', unpack(ARGV, from, to)) end
end

-- the articles need no worker any more
redis.pcall('XACK', KEYS[2], of_group, unpack(ids))
for i = 1, 2 * many do
  if starts[i] then
    call('HDEL', KEYS[4], unpack(signs))
    break
  end
end
call('HSET', KEYS[1], 'committed', last, 'token', next_token, 'sequence', sequence)
return 1

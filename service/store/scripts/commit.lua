#!lua
-- Writes all that deciding one article changes, or nothing: only in its turn, only upon the state it was decided upon.
-- KEYS: 1 state, 2 articles, 3 findings, 4 starts, 5 claims, 6 claims:log, 7 documents, 8 events, 9 new-claims,
--       10 counts, 11 seen, 12 doc, 13 outcomes, 14 furniture, and if there is something for the wire index:
--       15 the wire story's record, 16 the generation, 17 how many wire stories each opened
-- ARGV: 1 number, 2 token, 3 next token, 4 group, 5 where the log begins, 6 claims that changed, 7 article, 8 uri,
--       9 outcome, 10 its wire story, 11 mark of the admission, 12 the wire story's record, 13 fingerprints, 14 ttl,
--       15 id, 16 generation, 17 how many events; from 18 groups, each behind its length: claims, documents, furniture,
--       counters, by how much each; and each event, behind `1` if it is a new claim
-- Returns 1 if it was written, 2 if it stands already (an earlier call whose reply was lost, or another worker that
-- decided the same), and 0 if it is stale.
-- What it costs is calls, and then numbers read from text and printed: those that are passed on stay text.
local call = redis.call
local BOUNDS_MS = {5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000}
local number, token, next_token, group, log_from, changed, article, uri, outcome, of_wire_story, mark, record,
  fingerprints, ttl, wire_story, generation, events = unpack(ARGV, 1, 17)
local at = 17
local function take_group() -- first and last
  at = at + 1
  local first, length = at + 1, ARGV[at]
  if length ~= '0' then at = at + length end
  return first, at
end
local function hset(key, first, last)
  for from = first, last, 1000 do -- a call takes some thousand arguments at most
    call('HSET', key, unpack(ARGV, from, math.min(last, from + 999)))
  end
end

local id = number .. '-0'
local state = call('HMGET', KEYS[1], 'committed', 'token', 'sequence', 'admitted')
local n, committed = tonumber(number), tonumber(state[1] or '0')
if committed >= n then
  local logged = call('XRANGE', KEYS[6], id, id)[1]
  return (logged and logged[2][2] == next_token) and 2 or 0
end
if committed + 1 ~= n or (state[2] or '') ~= token or n > tonumber(state[4] or '0') then
  return 0 -- above what was admitted: the server came back older than it was, and lost the admission
end

local claims, claims_end = take_group()
local documents, documents_end = take_group()
local furniture, furniture_end = take_group()
local counters, counters_end = take_group()
local by = take_group()

-- A script is not rolled back: whatever could fail half way is looked at before the first write, several things in one
-- call where one will do. This one finds the article, and that streams are streams.
local found
if KEYS[16] then
  found = call('XREAD', 'COUNT', 1, 'STREAMS', KEYS[2], KEYS[6], KEYS[8], KEYS[9], KEYS[13], KEYS[16],
    (n - 1) .. '-0', '$', '$', '$', '$', '$')
else
  found = call('XREAD', 'COUNT', 1, 'STREAMS', KEYS[2], KEYS[6], KEYS[8], KEYS[9], KEYS[13],
    (n - 1) .. '-0', '$', '$', '$', '$')
end
local entry = found and found[1][2][1]
local admitted_at, admitted, version
if entry and entry[1] == id then
  local fields = entry[2]
  for i = 1, #fields, 2 do
    local name, value = fields[i], fields[i + 1]
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
local buried = 'dead:' .. number
local starts = call('HMGET', KEYS[4], number, buried)
if (outcome == 'parked') ~= (starts[2] ~= false) then return 0 end

local seen = call('HMGET', KEYS[11], 'number', 'ttl')
if claims_end >= claims then call('HLEN', KEYS[5]) end
if documents_end >= documents then call('HLEN', KEYS[7]) end
if furniture_end >= furniture then call('HLEN', KEYS[14]) end
if version and tonumber(version) > 8 then call('HLEN', KEYS[12]) end
local opens = KEYS[15] and call('EXISTS', KEYS[15]) == 0
local opened = KEYS[15] and call('HGET', KEYS[17], generation)
-- Counters, and before them the time from admission to the events: what is asked for is written back.
local counted, ms, upper
if events ~= '0' and admitted_at then
  local now = call('TIME')
  ms, upper = math.max(0, now[1] * 1000 + math.floor(now[2] / 1000) - admitted_at), '+Inf'
  for i = 1, #BOUNDS_MS do
    if ms <= BOUNDS_MS[i] then
      upper = BOUNDS_MS[i]
      break
    end
  end
  upper = 'latency:' .. upper
  counted = call('HMGET', KEYS[10], upper, 'latency:sum_ms', unpack(ARGV, counters, counters_end))
else
  counted = call('HMGET', KEYS[10], unpack(ARGV, counters, counters_end))
end
local timed = ms and 2 or 0
for i = #counted, timed + 1, -1 do
  counted[2 * i], counted[2 * i - 1] = (counted[i] or 0) + ARGV[by + i - timed - 1], ARGV[counters + i - timed - 1]
end
if ms then
  counted[4], counted[3], counted[2], counted[1] =
    (counted[2] or 0) + ms, 'latency:sum_ms', (counted[1] or 0) + 1, upper
end
local sequence = state[3] or '0'
if events ~= '0' then sequence = sequence + events end
call('HDEL', KEYS[3], number) -- the first write may fail by itself

-- claims, documents, and what the outlet's pages have in common
call('XADD', KEYS[6], 'MINID', '~', log_from, id, 'token', next_token, 'ids', changed)
hset(KEYS[5], claims, claims_end)
for i = claims + 1, claims_end, 2 do -- an empty record: a claim that was held, and that nobody will be told of
  if ARGV[i] == '' then call('HDEL', KEYS[5], ARGV[i - 1]) end
end
hset(KEYS[7], documents, documents_end)
hset(KEYS[14], furniture, furniture_end)

-- events, and the outcome
for _ = 1, events do
  at = at + 1
  local is_new_claim = ARGV[at] == '1'
  local first, last = take_group()
  call('XADD', KEYS[8], '*', unpack(ARGV, first, last))
  if is_new_claim then call('XADD', KEYS[9], '*', unpack(ARGV, first, last)) end
end
call('XADD', KEYS[13], id, 'article', article, 'version', version or '1', 'uri', uri, 'outcome', outcome,
  'wireStory', of_wire_story, 'events', events)

call('HSET', KEYS[10], unpack(counted))

-- the wire story's record, and which fingerprints vote for it from now on
if KEYS[15] then
  if opens or not opened then -- the generation is named there, be it with none opened
    call('HSET', KEYS[17], generation, (opened or 0) + (opens and 1 or 0))
  end
  call('SET', KEYS[15], record, 'EX', ttl)
  if #fingerprints > 0 then
    local put = redis.pcall('XADD', KEYS[16], id, 'w', wire_story, 'f', fingerprints)
    if type(put) == 'table' then -- an error: the log goes on behind this commit, it is of a state that is no more
      call('DEL', KEYS[16])
      call('XADD', KEYS[16], id, 'w', wire_story, 'f', fingerprints)
    end
    call('EXPIRE', KEYS[16], ttl)
  end
end

-- the article needs no worker any more; its text lives on until the horizon, unless a later version waits
redis.pcall('XACK', KEYS[2], group, id)
if starts[1] or starts[2] then call('HDEL', KEYS[4], number, buried) end
if not seen[1] or seen[1] == number then call('EXPIRE', KEYS[12], seen[2] or ttl) end
if version and tonumber(version) > 8 then
  call('HDEL', KEYS[12], version - 8) -- a source that rewrites a text for ever does not fill the memory
end
call('HSET', KEYS[1], 'committed', number, 'token', next_token, 'sequence', sequence)
return 1

#!lua
-- Writes all that deciding one article changes, or nothing: only in its turn, only upon the state it was decided upon.
-- KEYS: 1 state, 2 articles, 3 findings, 4 starts, 5 claims, 6 claims:log, 7 documents, 8 events, 9 new-claims,
--       10 counts, 11 latency, 12 seen, 13 doc, 14 outcomes, 15 furniture, and if there is something for the wire
--       index: 16 the wire story's record, 17 the generation, 18 how many wire stories each opened
-- ARGV: a list read from front to back; every group is preceded by its length.
-- Returns 1 if it was written, 2 if it stands already (an earlier call whose reply was lost, or another worker that
-- decided the same), and 0 if it is stale.
local call = redis.call
local BOUNDS_MS = {5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000}
local at = 0
local function take()
  at = at + 1
  return ARGV[at]
end
local function take_group() -- first and last
  local length = tonumber(take())
  at = at + length
  return at - length + 1, at
end
local function hset(key, first, last)
  for from = first, last, 1000 do -- a call takes some thousand arguments at most
    call('HSET', key, unpack(ARGV, from, math.min(last, from + 999)))
  end
end

-- A number that is passed on stays the text it came as: to print one costs what a short call costs.
local number_text, token, next_token, group = take(), take(), take(), take()
local number, id = tonumber(number_text), number_text .. '-0'
local state = call('HMGET', KEYS[1], 'committed', 'token', 'sequence', 'admitted')
local committed = tonumber(state[1] or '0')
if committed >= number then
  local logged = call('XRANGE', KEYS[6], id, id)[1]
  return (logged and logged[2][2] == next_token) and 2 or 0
end
if committed + 1 ~= number or (state[2] or '') ~= token or number > tonumber(state[4] or '0') then
  return 0 -- above what was admitted: the server came back older than it was, and lost the admission
end

local log_from, changed = take(), take()
local claims_first, claims_last = take_group()
local documents_first, documents_last = take_group()
local furniture_first, furniture_last = take_group()
local counts_first, counts_last = take_group()
local article, uri, outcome, of_wire_story, mark = take(), take(), take(), take(), take()
local record, fingerprints, ttl = take(), take(), take()
local wire_story, generation = take(), take()
local events_text = take()
local events = tonumber(events_text)

-- A script is not rolled back: whatever could fail half way is looked at before the first write, several things in one
-- call where one will do, for calls are what a commit costs. This one finds the article, and that streams are streams.
local streams, after = {KEYS[2], KEYS[6], KEYS[14]}, {string.format('%d-0', number - 1), '$', '$'}
if events > 0 then
  streams[4], streams[5], after[4], after[5] = KEYS[8], KEYS[9], '$', '$'
end
if KEYS[17] then
  streams[#streams + 1], after[#after + 1] = KEYS[17], '$'
end
for i = 1, #after do streams[#streams + 1] = after[i] end
local found = call('XREAD', 'COUNT', 1, 'STREAMS', unpack(streams))
local entry = found and found[1][2][1]
if entry and entry[1] ~= id then entry = nil end
local seen = call('HMGET', KEYS[12], 'number', 'ttl')
local admitted_ms, version, version_text = nil, nil, '1'
if entry then
  local of = {}
  for i = 1, #entry[2], 2 do of[entry[2][i]] = entry[2][i + 1] end
  admitted_ms, version, version_text = tonumber(of.at), tonumber(of.version), of.version or '1'
  -- A server that came back older than it was may have given the number to another article, or to another text of it.
  local given = (of.at or '') .. ' ' .. (of.id or '') .. ' ' .. (of.version or '')
  if (mark ~= '' and mark ~= given) or (article ~= '' and article ~= of.id) then return 0 end
end
-- An article that was given up is among the dead letters: it may come again from there, and only from there. And one
-- that is not there (the server lost it) is not parked.
local starts = call('HMGET', KEYS[4], number_text, 'dead:' .. number_text)
if (outcome == 'parked') ~= (starts[2] ~= false) then return 0 end

if claims_last >= claims_first then call('HLEN', KEYS[5]) end
if documents_last >= documents_first then call('HLEN', KEYS[7]) end
if furniture_last >= furniture_first then call('HLEN', KEYS[15]) end
if version and version > 8 then call('HLEN', KEYS[13]) end
local counters = {}
for i = counts_first, counts_last, 2 do counters[#counters + 1] = ARGV[i] end
local counted = call('HMGET', KEYS[10], unpack(counters))
local opens = KEYS[16] and call('EXISTS', KEYS[16]) == 0
local opened = KEYS[16] and call('HGET', KEYS[18], generation)
local upper, taken_ms, timed
if events > 0 and admitted_ms then
  local now = call('TIME')
  taken_ms, upper = math.max(0, now[1] * 1000 + math.floor(now[2] / 1000) - admitted_ms), '+Inf'
  for i = 1, #BOUNDS_MS do
    if taken_ms <= BOUNDS_MS[i] then
      upper = string.format('%d', BOUNDS_MS[i])
      break
    end
  end
  timed = call('HMGET', KEYS[11], upper, 'sum_ms')
end
call('HDEL', KEYS[3], number_text) -- the first write may fail by itself

-- claims, documents, and what the outlet's pages have in common
call('XADD', KEYS[6], 'MINID', '~', log_from, id, 'token', next_token, 'ids', changed)
hset(KEYS[5], claims_first, claims_last)
for i = claims_first, claims_last, 2 do -- an empty record: a claim that was held, and that nobody will be told of
  if ARGV[i + 1] == '' then call('HDEL', KEYS[5], ARGV[i]) end
end
hset(KEYS[7], documents_first, documents_last)
hset(KEYS[15], furniture_first, furniture_last)

-- events, and the outcome
for _ = 1, events do
  local is_new_claim = take()
  local first, last = take_group()
  call('XADD', KEYS[8], '*', unpack(ARGV, first, last))
  if is_new_claim == '1' then
    call('XADD', KEYS[9], '*', unpack(ARGV, first, last))
  end
end
call('XADD', KEYS[14], id, 'article', article, 'version', version_text, 'uri', uri, 'outcome', outcome,
  'wireStory', of_wire_story, 'events', events_text)

-- counters, and the time from admission to the events
for i = #counters, 1, -1 do
  counters[2 * i] = string.format('%d', tonumber(counted[i] or '0') + tonumber(ARGV[counts_first + 2 * i - 1]))
  counters[2 * i - 1] = ARGV[counts_first + 2 * i - 2]
end
call('HSET', KEYS[10], unpack(counters))
if timed then
  call('HSET', KEYS[11], upper, string.format('%d', tonumber(timed[1] or '0') + 1),
    'sum_ms', string.format('%d', tonumber(timed[2] or '0') + taken_ms))
end

-- the wire story's record, and which fingerprints vote for it from now on
if KEYS[16] then
  if opens or not opened then -- the generation is named there, be it with none opened
    call('HSET', KEYS[18], generation, string.format('%d', tonumber(opened or '0') + (opens and 1 or 0)))
  end
  call('SET', KEYS[16], record, 'EX', ttl)
  if #fingerprints > 0 then
    local put = redis.pcall('XADD', KEYS[17], id, 'w', wire_story, 'f', fingerprints)
    if type(put) == 'table' then -- an error: the log goes on behind this commit, it is of a state that is no more
      call('DEL', KEYS[17])
      call('XADD', KEYS[17], id, 'w', wire_story, 'f', fingerprints)
    end
    call('EXPIRE', KEYS[17], ttl)
  end
end

-- the article needs no worker any more; its text lives on until the horizon, unless a later version waits
redis.pcall('XACK', KEYS[2], group, id)
if starts[1] or starts[2] then call('HDEL', KEYS[4], number_text, 'dead:' .. number_text) end
if not seen[1] or tonumber(seen[1]) == number then
  call('EXPIRE', KEYS[13], seen[2] or ttl)
end
if version and version > 8 then
  call('HDEL', KEYS[13], version - 8) -- a source that rewrites a text for ever does not fill the memory
end
local sequence = state[3] or '0'
if events > 0 then sequence = string.format('%d', tonumber(sequence) + events) end
call('HSET', KEYS[1], 'committed', number_text, 'token', next_token, 'sequence', sequence)
return 1

#!lua
-- Writes all that deciding one article changes, or nothing: only in its turn, only upon the state it was decided upon.
-- KEYS: 1 state, 2 articles, 3 findings, 4 starts, 5 claims, 6 claims:log, 7 documents, 8 events, 9 new-claims,
--       10 counts, 11 latency, 12 seen, 13 doc, 14 outcomes, 15 furniture, and if there is something for the wire
--       index: 16 the wire story's record, 17 its generation, 18 the generations
-- ARGV: a list read from front to back; every group is preceded by its length.
-- Returns 1 if it was written, 2 if it stands already (an earlier call whose reply was lost, or another worker that
-- decided the same), and 0 if it is stale. Behind wire_buckets.lua and wire_insert.lua.
local at = 0
local function take()
  at = at + 1
  return ARGV[at]
end
local function take_list()
  local list = {}
  for i = 1, tonumber(take()) do
    list[i] = take()
  end
  return list
end
local function hset(key, pairs_list)
  for i = 1, #pairs_list, 2 do
    redis.call('HSET', key, pairs_list[i], pairs_list[i + 1])
  end
end

local number, token, next_token, group = tonumber(take()), take(), take(), take()
local id = string.format('%d-0', number)
local state = redis.call('HMGET', KEYS[1], 'committed', 'token', 'sequence', 'admitted')
local committed = tonumber(state[1] or '0')
if committed >= number then
  local logged = redis.call('XRANGE', KEYS[6], id, id)[1]
  return (logged and logged[2][2] == next_token) and 2 or 0
end
if committed + 1 ~= number or (state[2] or '') ~= token then
  return 0
end
if number > tonumber(state[4] or '0') then
  return redis.error_reply('INVARIANT number ' .. number .. ' was never admitted')
end

-- A script is not rolled back: whatever could fail half way is looked at before the first write.
local types = {'hash', 'stream', 'hash', 'hash', 'hash', 'stream', 'hash', 'stream', 'stream', 'hash', 'hash', 'hash',
  'hash', 'stream'}
for i = 1, #KEYS do
  local found = redis.call('TYPE', KEYS[i]).ok
  if found ~= 'none' and found ~= (types[i] or 'hash') then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' is a ' .. found)
  end
end
local entry = redis.call('XRANGE', KEYS[2], id, id)[1]
local admitted_ms, version
if entry then
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'at' then admitted_ms = tonumber(entry[2][i + 1]) end
    if entry[2][i] == 'version' then version = tonumber(entry[2][i + 1]) end
  end
end

-- claims and documents
local log_length, changed = tonumber(take()), take()
redis.call('XADD', KEYS[6], 'MINID', '~', math.max(0, number - log_length) .. '-0', id, 'token', next_token, 'ids', changed)
hset(KEYS[5], take_list())
hset(KEYS[7], take_list())

-- events
local events = tonumber(take())
for _ = 1, events do
  local is_new_claim, fields = take(), take_list()
  redis.call('XADD', KEYS[8], '*', unpack(fields))
  if is_new_claim == '1' then
    redis.call('XADD', KEYS[9], '*', unpack(fields))
  end
end

-- the outcome
redis.call('XADD', KEYS[14], id, 'article', take(), 'version', version or 1, 'uri', take(), 'outcome', take(),
  'wireStory', take(), 'events', events)

-- counters, and the time from admission to the events
local counts = take_list()
for i = 1, #counts, 2 do
  redis.call('HINCRBY', KEYS[10], counts[i], counts[i + 1])
end
local bounds = take_list()
if events > 0 and admitted_ms then
  local now = redis.call('TIME')
  local taken_ms = math.max(0, now[1] * 1000 + math.floor(now[2] / 1000) - admitted_ms)
  local bound = '+Inf'
  for i = #bounds, 1, -1 do
    if taken_ms <= tonumber(bounds[i]) then bound = bounds[i] end
  end
  redis.call('HINCRBY', KEYS[11], bound, 1)
  redis.call('HINCRBY', KEYS[11], 'sum_ms', string.format('%d', taken_ms))
end

-- what the outlet's pages have in common
hset(KEYS[15], take_list())

-- the wire index: a wire story's ordinal is the number of the commit that brought it
local record, fingerprints, ttl, crowd = take(), take(), take(), tonumber(take())
local wire_story, generation = take(), take()
if KEYS[16] then
  local ordinal = tonumber(redis.call('HGET', KEYS[16], 'ordinal') or number)
  redis.call('HSET', KEYS[16], 'ordinal', ordinal)
  if record ~= '' then
    redis.call('HSET', KEYS[16], 'record', record)
  end
  redis.call('EXPIRE', KEYS[16], ttl)
  if #fingerprints > 0 then
    redis.call('HINCRBY', KEYS[18], generation, insert(KEYS[17], fingerprints, ordinal, wire_story, crowd))
    redis.call('EXPIRE', KEYS[17], ttl)
  end
end

-- the article needs no worker any more; its text lives on until the horizon, unless a later version waits
redis.pcall('XACK', KEYS[2], group, id)
redis.call('HDEL', KEYS[3], number)
redis.call('HDEL', KEYS[4], number, 'dead:' .. number)
local seen = redis.call('HMGET', KEYS[12], 'number', 'ttl')
if not seen[1] or tonumber(seen[1]) == number then
  redis.call('EXPIRE', KEYS[13], seen[2] or ttl)
end
if version then
  redis.call('HDEL', KEYS[13], version - 8) -- a source that rewrites a text for ever does not fill the memory
end
redis.call('HSET', KEYS[1], 'committed', number, 'token', next_token, 'sequence', tonumber(state[3] or '0') + events)
return 1

#!lua
-- Moves a feed's state and counts what a poll brought, if nobody moved it meanwhile and nobody else polls it now.
-- KEYS: 1 feed, 2 feeds:events, 3 feeds:counts
-- ARGV: 1 expected revision, 2 poll, 3 replica, 4 length of the stream of events;
--       then the number of fields of the event × 2 (0: none) and the fields,
--       the number of fields of the state × 2 and the fields, counters and increments
-- Returns 1 if this poll's closing stands, be it by an earlier call whose reply was lost.
local was = redis.call('HMGET', KEYS[1], 'revision', 'poll', 'lease', 'lease_until', 'lease_from')
local revision, expected = tonumber(was[1] or '0'), tonumber(ARGV[1])
if revision == expected + 1 and was[2] == ARGV[2] then
  return 1
end
if revision ~= expected then
  return 0
end
if was[3] and was[3] ~= ARGV[3] then
  local now = redis.call('TIME')
  local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
  if tonumber(was[4]) > now_ms and 2 * tonumber(was[5] or '0') - tonumber(was[4]) <= now_ms then
    return 0
  end
end
redis.call('XLEN', KEYS[2]) -- could fail behind the first write
local event_end = 5 + tonumber(ARGV[5])
if event_end > 5 then
  local sequence = string.format('%020d', redis.call('HINCRBY', KEYS[3], 'sequence', 1))
  for i = 6, event_end, 2 do
    if ARGV[i] == 'sequence' then
      ARGV[i + 1] = sequence
    end
  end
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[4], '*', unpack(ARGV, 6, event_end))
end
local state = event_end + 2
local last = state - 1 + tonumber(ARGV[state - 1])
redis.call('HSET', KEYS[1], 'revision', expected + 1, 'poll', ARGV[2])
if last >= state then
  redis.call('HSET', KEYS[1], unpack(ARGV, state, last))
end
redis.call('HDEL', KEYS[1], 'lease', 'lease_until', 'lease_from', 'last_asked')
for i = last + 1, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1])
end
return 1

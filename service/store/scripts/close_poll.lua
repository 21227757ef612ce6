#!lua
-- Moves a feed's state and counts what a poll brought, if nobody moved it meanwhile and nobody else polls it now.
-- KEYS: 1 feed
-- ARGV: 1 expected revision, 2 poll, 3 replica, 4 number of fields of the state × 2, the fields, then counters and
--       increments
-- Returns 1 if this poll's closing stands, be it by an earlier call whose reply was lost.
local was = redis.call('HMGET', KEYS[1], 'revision', 'poll', 'lease', 'lease_until')
local revision, expected = tonumber(was[1] or '0'), tonumber(ARGV[1])
if revision == expected + 1 and was[2] == ARGV[2] then
  return 1
end
if revision ~= expected then
  return 0
end
if was[3] and was[3] ~= ARGV[3] then
  local now = redis.call('TIME')
  if tonumber(was[4]) > now[1] * 1000 + math.floor(now[2] / 1000) then
    return 0
  end
end
local last = 4 + tonumber(ARGV[4])
redis.call('HSET', KEYS[1], 'revision', expected + 1, 'poll', ARGV[2], unpack(ARGV, 5, last))
redis.call('HDEL', KEYS[1], 'lease', 'lease_until')
for i = last + 1, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1])
end
return 1

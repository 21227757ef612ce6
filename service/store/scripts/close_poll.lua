#!lua
-- Moves a feed's state and counts what a poll brought, if nobody moved it meanwhile.
-- KEYS: 1 feed
-- ARGV: 1 expected revision, 2 poll, 3 number of fields of the state × 2, the fields, then counters and increments
-- Returns 1 if this poll's closing stands, be it by an earlier call whose reply was lost.
local was = redis.call('HMGET', KEYS[1], 'revision', 'poll')
local revision, expected = tonumber(was[1] or '0'), tonumber(ARGV[1])
if revision == expected + 1 and was[2] == ARGV[2] then
  return 1
end
if revision ~= expected then
  return 0
end
local last = 3 + tonumber(ARGV[3])
redis.call('HSET', KEYS[1], 'revision', expected + 1, 'poll', ARGV[2], unpack(ARGV, 4, last))
for i = last + 1, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1])
end
return 1

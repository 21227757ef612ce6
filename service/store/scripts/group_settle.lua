#!lua flags=allow-oom
-- Ends deliveries: acknowledged, and counted once. Allowed when memory is full: it is what frees some.
-- KEYS: 1 stream, 2 the group's state   ARGV: 1 group, 2 counter, from 3 on entries
-- Returns how many were open until now.
redis.call('HGET', KEYS[2], 'starts') -- could fail behind the first write
local ended = 0
for i = 3, #ARGV do
  if redis.call('XACK', KEYS[1], ARGV[1], ARGV[i]) == 1 then
    redis.call('HDEL', KEYS[2], 'starts:' .. ARGV[i])
    ended = ended + 1
  end
end
if ended > 0 then
  redis.call('HINCRBY', KEYS[2], 'count:' .. ARGV[2], ended)
end
return ended

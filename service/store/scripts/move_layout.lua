#!lua
-- Notes another layout, if the one expected is noted.
-- KEYS: 1 layout   ARGV: 1 expected, 2 the other one
-- Returns what is noted now.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2])
end
return redis.call('GET', KEYS[1])

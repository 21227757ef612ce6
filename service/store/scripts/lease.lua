#!lua
-- Lends something to one holder at a time, by the server's clock; a lease that has twice as long to go as is asked for is
-- over: the clock was set back, and its holder may be dead. All who ask for one thing ask for it for the same time.
-- KEYS: 1 the lease   ARGV: 1 holder, 2 for how long (ms); 0 gives it back
-- Returns 1 if it is the holder's now (or was given back), 0 if it is another's.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  -- Users of the release before may not have the right to ask for it: then every lease is believed.
  local left = ARGV[2] ~= '0' and redis.pcall('PTTL', KEYS[1])
  if type(left) ~= 'number' or left <= 2 * ARGV[2] then
    return 0
  end
end
if ARGV[2] == '0' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return 1

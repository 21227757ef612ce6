#!lua
-- A consumer's sign of life for what it works on. What another has taken over meanwhile stays the other's.
-- KEYS: 1 stream   ARGV: 1 group, 2 consumer, from 3 on entries
-- Returns 1 for each entry that is still the consumer's, else 0.
local kept = {}
for i = 3, #ARGV do
  local held = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1)[1]
  kept[i - 2] = held and held[2] == ARGV[2] and 1 or 0
  if kept[i - 2] == 1 then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID')
  end
end
return kept

#!lua
-- Buries an article that cannot be decided: a tombstone takes the place of its finding, the reason goes to `dead`.
-- If more than `most` of the last `of` numbers are buried, the story's line pauses: not each of so many can be poison.
-- KEYS: 1 state, 2 findings, 3 articles, 4 dead, 5 starts
-- ARGV: 1 number, 2 tombstone, 3 group, 4 length of dead, 5 name of its sign, 6 nonce, 7 most (0: any number), 8 of,
--       9 mark of the admission (nothing: any; two spaces, which are between nothing: its entry is gone), 10… fields of
--       the entry
-- Returns 1 if this call buried it, be it that the reply was lost and the call repeated.
local number = ARGV[1]
if tonumber(number) <= tonumber(redis.call('HGET', KEYS[1], 'committed') or '0') then
  return 0
end
if ARGV[9] ~= '' and (mark(KEYS[3], number) or '  ') ~= ARGV[9] then
  return 0
end
redis.call('HLEN', KEYS[2])
redis.call('XLEN', KEYS[4])
-- the sign of it stands beside the counter of starts and goes with the commit
if redis.call('HSETNX', KEYS[5], ARGV[5], ARGV[6]) == 0 then
  return redis.call('HGET', KEYS[5], ARGV[5]) == ARGV[6] and 1 or 0
end
redis.call('HSET', KEYS[2], number, ARGV[2])
local starts = string.match(redis.call('HGET', KEYS[5], number) or '0', '^%d+')
redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[4], '*', 'starts', starts, unpack(ARGV, 10))
redis.pcall('XACK', KEYS[3], ARGV[3], number .. '-0')

local most, of = tonumber(ARGV[7]), tonumber(ARGV[8])
local buried, newest = {tonumber(number)}, tonumber(number)
for each in string.gmatch(redis.call('HGET', KEYS[1], 'buried') or '', '%d+') do
  buried[#buried + 1] = tonumber(each)
  newest = math.max(newest, tonumber(each))
end
local recent = {}
for _, each in ipairs(buried) do
  if each > newest - of then
    recent[#recent + 1] = string.format('%d', each)
  end
end
redis.call('HSET', KEYS[1], 'buried', table.concat(recent, ' ', 1, math.min(#recent, most + 1)))
if most > 0 and #recent > most then
  redis.call('HSETNX', KEYS[1], 'paused', #recent .. ' of the last ' .. of .. ' articles became dead letters')
end
return 1

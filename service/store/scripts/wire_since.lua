#!lua flags=no-writes
-- What was written to generations of the wire index since a reader read them, with the state that it is exact at.
-- Behind history.lua.
-- KEYS: 1 state, 2 claims:log, from 3 the generations
-- ARGV: 1 number, 2 token of the reader's cursor, 3 entries at most; then of each generation: the number of the last
--       entry that was read (0: none), and how many were
-- Returns {lost, committed, token} and of each generation {anew, left, number, wire story, fingerprints, wire story …}:
-- lost if the cursor's commit is not of this history, so that nothing stands of all that was read; anew if the entries
-- are told from the first, because those that were read are not all there; how many are left to be read behind them.
local call = redis.call
local state = call('HMGET', KEYS[1], 'committed', 'token')
local committed, token = tonumber(state[1] or '0'), state[2] or ''
local number, most = tonumber(ARGV[1]), tonumber(ARGV[3])
local lost = not (number == committed and token == ARGV[2]) and not stands(KEYS[2], number, ARGV[2])

local function range(key, from)
  return most > 0 and call('XRANGE', key, from, '+', 'COUNT', most) or {}
end

local reply = {lost and 1 or 0, committed, token}
for i = 3, #KEYS do
  local last, held = ARGV[2 * i - 2], tonumber(ARGV[2 * i - 1])
  local length = call('XLEN', KEYS[i])
  local entries = lost and {} or range(KEYS[i], '(' .. last .. '-0')
  local left = length - held - #entries
  local anew = lost or left < 0 or (left > 0 and #entries < most)
  if anew then
    entries, last = range(KEYS[i], '-'), '0'
    left = length - #entries
  end
  local told = {anew and 1 or 0, left, last}
  for e = 1, #entries do
    told[2 * e + 2], told[2 * e + 3] = entries[e][2][2], entries[e][2][4]
  end
  if #entries > 0 then
    told[3] = string.match(entries[#entries][1], '%d+')
  end
  most = most - #entries
  reply[i + 1] = told
end
return reply

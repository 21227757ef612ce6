#!lua flags=no-writes
-- The registry as it changed since a reader's cursor, with the state it is exact at. Behind history.lua.
-- KEYS: 1 state, 2 claims, 3 claims:log   ARGV: 1 number, 2 token of the cursor (0 and nothing: none)
-- Returns {full, committed, token, id, record, id, record …}
local state = redis.call('HMGET', KEYS[1], 'committed', 'token')
local committed, token = tonumber(state[1] or '0'), state[2] or ''
local number = tonumber(ARGV[1])
if number == committed and token == ARGV[2] then
  return {0, committed, token}
end
if not stands(KEYS[3], number, ARGV[2]) then
  local all = redis.call('HGETALL', KEYS[2])
  local reply = {1, committed, token}
  for i = 1, #all do
    reply[i + 3] = all[i]
  end
  return reply
end
local reply, have = {0, committed, token}, {}
for _, logged in ipairs(redis.call('XRANGE', KEYS[3], string.format('(%d-0', number), '+')) do
  for claim in string.gmatch(logged[2][4], '%S+') do
    if not have[claim] then
      have[claim] = true
      reply[#reply + 1] = claim
      reply[#reply + 1] = redis.call('HGET', KEYS[2], claim) or ''
    end
  end
end
return reply

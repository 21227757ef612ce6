#!lua flags=no-writes
-- The registry as it changed since a reader's cursor, with the state it is exact at.
-- KEYS: 1 state, 2 claims, 3 claims:log   ARGV: 1 number, 2 token of the cursor (0 and nothing: none)
-- Returns {full, committed, token, id, record, id, record …}
local state = redis.call('HMGET', KEYS[1], 'committed', 'token')
local committed, token = tonumber(state[1] or '0'), state[2] or ''
local number = tonumber(ARGV[1])
if number == committed and token == ARGV[2] then
  return {0, committed, token}
end
local id = string.format('%d-0', number)
local logged = number > 0 and redis.call('XRANGE', KEYS[3], id, '+') or {}
-- The cursor's own commit is not in the log, or is another one: trimmed, or the server lost what the reader saw.
if not logged[1] or logged[1][1] ~= id or logged[1][2][2] ~= ARGV[2] then
  local all = redis.call('HGETALL', KEYS[2])
  local reply = {1, committed, token}
  for i = 1, #all do
    reply[i + 3] = all[i]
  end
  return reply
end
local reply, have = {0, committed, token}, {}
for i = 2, #logged do
  for claim in string.gmatch(logged[i][2][4], '%S+') do
    if not have[claim] then
      have[claim] = true
      reply[#reply + 1] = claim
      reply[#reply + 1] = redis.call('HGET', KEYS[2], claim) or ''
    end
  end
end
return reply

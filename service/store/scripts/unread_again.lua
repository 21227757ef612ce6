#!lua
-- Hands out again what was handed out, is in no worker's hand, and left no finding, if its turn has come: an
-- acknowledgement outlived what it was for, as when a server comes back older than it was between a worker's look and
-- his answer. Nobody else would notice, and the line would stand still for ever.
-- KEYS: 1 state, 2 articles, 3 findings   ARGV: 1 group
-- Returns the number of the next one if its entry is gone and it left no finding: somebody deleted it, and no worker will
-- be given it. Otherwise 0.
local state = redis.call('HMGET', KEYS[1], 'admitted', 'committed')
local committed = tonumber(state[2] or '0')
local number = string.format('%d', committed + 1)
local id = number .. '-0'
if tonumber(state[1] or '0') <= committed or redis.call('HEXISTS', KEYS[3], number) == 1 then
  return 0
end
if #redis.call('XRANGE', KEYS[2], id, id) == 0 then
  return committed + 1
end
for _, flat in ipairs(redis.call('XINFO', 'GROUPS', KEYS[2])) do
  local group = {}
  for i = 1, #flat, 2 do group[flat[i]] = flat[i + 1] end
  local given = tonumber(string.match(group['last-delivered-id'], '^%d+'))
  if group.name == ARGV[1] and given > committed and #redis.call('XPENDING', KEYS[2], ARGV[1], id, id, 1) == 0 then
    -- Users of the release before may not have the right to it.
    redis.pcall('XGROUP', 'SETID', KEYS[2], ARGV[1], string.format('%d-0', committed))
  end
end
return 0

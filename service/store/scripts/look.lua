#!lua flags=no-writes
-- Whether there is something to do in a story, for who looks at many.
-- KEYS: 1 state, 2 articles, 3 findings   ARGV: 1 group, 2 consumer, 3 idle (ms)
-- Returns {paused, unread, mine, stale, turn, slowed}, each 1 or 0: its line stands still; entries that nobody was given;
-- some that the consumer was given; some that nobody gave a sign of life for, or one whose turn it is and that nobody has
-- (unread_again.lua); the finding whose turn it is; the line waits for a group of subscribers. Where the group of the
-- workers is gone, all entries are unread.
local state = redis.call('HMGET', KEYS[1], 'admitted', 'committed', 'paused', 'slowed')
local admitted, committed = tonumber(state[1] or '0'), tonumber(state[2] or '0')
if state[3] or admitted <= committed then
  return {state[3] and 1 or 0, 0, 0, 0, 0, 0}
end
local slowed = state[4] and 1 or 0
local turn = redis.call('HEXISTS', KEYS[3], string.format('%d', committed + 1))
local groups = redis.call('EXISTS', KEYS[2]) == 1 and redis.call('XINFO', 'GROUPS', KEYS[2]) or {}
for _, group in ipairs(groups) do
  local of = {}
  for i = 1, #group, 2 do of[group[i]] = group[i + 1] end
  if of.name == ARGV[1] then
    local given = tonumber(string.match(of['last-delivered-id'], '^%d+'))
    local unread = admitted > given and 1 or 0
    local next_id = string.format('%d-0', committed + 1)
    local gone = turn == 0
      and (of.pending == 0 or #redis.call('XPENDING', KEYS[2], ARGV[1], next_id, next_id, 1) == 0)
      and (given > committed or #redis.call('XRANGE', KEYS[2], next_id, next_id) == 0) -- somebody deleted it
    if gone or of.pending == 0 then
      return {0, unread, 0, gone and 1 or 0, turn, slowed}
    end
    local mine = redis.call('XPENDING', KEYS[2], ARGV[1], '-', '+', 1, ARGV[2])
    local stale = #redis.call('XPENDING', KEYS[2], ARGV[1], 'IDLE', ARGV[3], '-', '+', 1)
    if stale == 0 then -- idle for no time: handed out just now, or in what is the future since the clock was set back
      local first = redis.call('XPENDING', KEYS[2], ARGV[1], '-', '+', 1)[1]
      stale = first and first[3] == 0 and 1 or 0
    end
    return {0, unread, #mine, stale, turn, slowed}
  end
end
return {0, 1, 0, 0, turn, slowed}

#!lua flags=no-writes
-- How many of a text's fingerprints each known wire story has. A fingerprint of many wire stories says nothing.
-- KEYS: 1…G ids of the generations; then for each fingerprint its bucket in each generation
-- ARGV: 1 G, 2 crowd, 3… fingerprints
-- Returns {id, votes, id, votes …}
local generations, crowd = tonumber(ARGV[1]), tonumber(ARGV[2])
local votes, ids = {}, {}
for f = 3, #ARGV do
  local has, distinct = {}, 0
  for g = 1, generations do
    local ordinals = redis.call('HGET', KEYS[generations + (f - 3) * generations + g], ARGV[f]) or ''
    for o = 1, #ordinals, 4 do
      local mark = string.sub(ordinals, o, o + 3)
      if not has[mark] then
        has[mark] = true
        distinct = distinct + 1
        ids[mark] = KEYS[g]
      end
    end
  end
  if distinct < crowd then
    for mark in pairs(has) do
      votes[mark] = (votes[mark] or 0) + 1
    end
  end
end
local reply = {}
for mark, count in pairs(votes) do
  local id = redis.call('HGET', ids[mark], mark)
  if id then
    reply[#reply + 1] = id
    reply[#reply + 1] = count
  end
end
return reply

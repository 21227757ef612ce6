#!lua flags=no-writes
-- How many of a text's fingerprints each known wire story has. A fingerprint of many wire stories says nothing.
-- KEYS: the generations that are looked at   ARGV: 1 crowd, 2 votes below which nothing is told, 3 fingerprints
-- Returns {id, votes, id, votes …}. Behind wire_buckets.lua.
local crowd, least, packed = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local has, home = {}, {}
for f = 1, #packed / 4 do
  has[f] = {}
end
for g = 1, #KEYS do
  local held, tails, of, content = open_buckets(KEYS[g], packed)
  for f = 1, held > 0 and #tails or 0 do
    for _, mark in ipairs(marks_of(content[of[f]], tails[f])) do
      has[f][mark] = true
      home[mark] = home[mark] or KEYS[g]
    end
  end
end
local votes = {}
for f = 1, #has do
  local distinct = 0
  for _ in pairs(has[f]) do
    distinct = distinct + 1
  end
  if distinct < crowd then
    for mark in pairs(has[f]) do
      votes[mark] = (votes[mark] or 0) + 1
    end
  end
end
local reply = {}
for mark, count in pairs(votes) do
  if count >= least then
    local ordinal = struct.unpack('>I3', mark)
    local id = id_of(redis.call('HGET', home[mark], string.format('i%d', math.floor(ordinal / CHUNK))), ordinal)
    if id then
      reply[#reply + 1] = id
      reply[#reply + 1] = count
    end
  end
end
return reply

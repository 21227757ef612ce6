-- Writes into one generation of the wire index. Behind wire_buckets.lua, in front of the script that commits.

-- Each bucket that has come due is divided in two; returns nothing.
local function split_buckets(key, before, after)
  for bucket = before, after - 1 do
    local power = power_below(bucket)
    local old = string.format('%d', bucket - power)
    local all = redis.call('HGET', key, old) or ''
    local stay, go = {}, {}
    for at = 1, #all, PAIR do
      local fingerprint = struct.unpack('>I3', all, at) * 256 + tonumber(old) % 256
      local side = fingerprint % (2 * power) == bucket and go or stay
      side[#side + 1] = string.sub(all, at, at + PAIR - 1)
    end
    if #go > 0 then
      redis.call('HSET', key, string.format('%d', bucket), table.concat(go))
      if #stay > 0 then
        redis.call('HSET', key, old, table.concat(stay))
      else
        redis.call('HDEL', key, old)
      end
    end
  end
end

-- A wire story's fingerprints vote for it from now on. Returns 1 if the generation did not know it, else 0.
local function insert(key, packed, ordinal, id, crowd)
  ordinal = ordinal % 2 ^ 24
  local mark, held_before = struct.pack('>I3', ordinal), nil
  local held, tails, of, content = open_buckets(key, packed)
  held_before = held
  local changed = {}
  for f = 1, #tails do
    local bucket = of[f]
    local marks = marks_of(content[bucket], tails[f])
    local known = #marks >= crowd
    for _, other in ipairs(marks) do
      known = known or other == mark
    end
    if not known then
      content[bucket] = content[bucket] .. tails[f] .. mark
      changed[bucket] = true
      held = held + 1
    end
  end
  local fields = {'pairs', string.format('%d', held)}
  for f = 1, #of do -- in the order of the fingerprints: what goes to the replicas is the same each time
    if changed[of[f]] then
      changed[of[f]] = nil
      fields[#fields + 1] = of[f]
      fields[#fields + 1] = content[of[f]]
    end
  end
  local chunk_name = string.format('i%d', math.floor(ordinal / CHUNK))
  local chunk = redis.call('HGET', key, chunk_name) or ''
  local fresh = id_of(chunk, ordinal) == nil
  if fresh then
    fields[#fields + 1] = chunk_name
    fields[#fields + 1] = chunk .. string.char(ordinal % CHUNK, #id) .. id
  end
  redis.call('HSET', key, unpack(fields))
  split_buckets(key, bucket_count(held_before), bucket_count(held))
  return fresh and 1 or 0
end

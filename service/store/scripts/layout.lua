#!lua flags=allow-oom
-- Which layout the keys of this server have; ours, if none was noted yet.
-- KEYS: 1 layout   ARGV: 1 ours
redis.call('SET', KEYS[1], ARGV[1], 'NX')
return redis.call('GET', KEYS[1])

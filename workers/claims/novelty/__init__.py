"""Is a new claim worth an event, now or later?"""

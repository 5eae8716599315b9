"""Empty tasks of Celery, for bench/workers/run.sh.

celery_tasks.py rate N results    N tasks whose results are waited for: tasks per second
celery_tasks.py rate N drained    N tasks without results, until the queue is empty
celery_tasks.py latency N         one task after the other: microseconds, median, p99, longest
"""
import os
import sys
import time

from celery import Celery

url = os.environ["CELERY_URL"]
app = Celery("celery_tasks", broker=url, backend=url)
app.conf.update(worker_hijack_root_logger=False, result_expires=600)


@app.task
def number(n):
    return n


@app.task(ignore_result=True)
def nothing(n):
    return None


def rate(count, kind):
    import redis

    server = redis.Redis.from_url(url)
    number.delay(0).get(timeout=60)  # the workers are there
    start = time.monotonic()
    if kind == "results":
        results = [number.delay(n) for n in range(count)]
        assert [r.get(timeout=120) for r in results] == list(range(count))
    else:
        for n in range(count):
            nothing.delay(n)
        while server.llen("celery") or server.hlen("unacked"):
            time.sleep(0.001)
    print(round(count / (time.monotonic() - start)))


def latency(count):
    for n in range(20):
        number.delay(n).get(timeout=60)
    ways = []
    for n in range(count):
        start = time.monotonic()
        number.delay(n).get(timeout=60, interval=0.0005)
        ways.append(round((time.monotonic() - start) * 1e6))
    ways.sort()
    print(ways[len(ways) // 2], ways[len(ways) * 99 // 100], ways[-1])


if __name__ == "__main__":
    if sys.argv[1] == "rate":
        rate(int(sys.argv[2]), sys.argv[3])
    else:
        latency(int(sys.argv[2]))

# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of `./dev bench`, made of the results of its rounds."""

from statistics import median

TITLES = {
    "iperf3": "iperf3, one stream",
    "direct": "Ferry direct, SHA-256 on both ends",
    "direct-tls": "  encrypted",
    "unhashed": "Ferry direct, no checksum",
    "purple-direct": "libpurple direct, no checksum",
    "fast": "Ferry, fast mode, SHA-256",
    "fast-tls": "  encrypted",
    "proxy": "Ferry by proxy (the server's)",
    "proxy-tls": "  encrypted",
    "in-band": "Ferry in-band",
    "in-band-tls": "  encrypted",
    "purple-in-band": "libpurple in-band",
}


def ratio(results, one, other):
    """Median of the ratios of each round."""
    return median(a["mbs"] / b["mbs"] for a, b in zip(results[one], results[other]))


def row(results, name):
    rounds = results[name]
    speeds = [result["mbs"] for result in rounds]
    cells = [f"{median(speeds):8.1f}", f"{min(speeds):.1f}-{max(speeds):.1f}".rjust(14),
             f"{100 * ratio(results, name, 'iperf3'):8.1f} %"]
    if "cpu" in rounds[0]:
        cpu = [median(result["cpu"][end] for result in rounds) for end in (0, 1)]
        cells += [f"{cpu[0]:8.2f}{cpu[1]:8.2f}", f"{max(r['peak_mb'] for r in rounds):9.1f}"]
    if "late_ms" in rounds[0]:
        cells += [f"{max(result[key] for result in rounds):9.1f}" for key in ("late_ms", "idle_ms")]
    return f"{TITLES[name]:<35}" + "".join(cells)


def goals(results):
    """What Ferry is meant to reach: (text, figure, is it reached? None: only to compare)."""
    direct = 100 * ratio(results, "direct", "iperf3")
    yield "direct, SHA-256 on both ends: 28 % of iperf3", f"{direct:.1f} %", direct >= 28
    if "purple-direct" in results:
        times = ratio(results, "direct", "purple-direct")
        yield "  and no slower than libpurple", f"{times:.2f} times", times >= 1
    unhashed = 100 * ratio(results, "unhashed", "iperf3")
    yield "direct without a checksum: 55 % of iperf3", f"{unhashed:.1f} %", unhashed >= 55
    if "purple-in-band" in results:
        times = ratio(results, "in-band", "purple-in-band")
        yield "in-band: 1.5 times libpurple", f"{times:.2f} times", times >= 1.5
    for route in ("direct", "fast", "proxy", "in-band"):
        times = ratio(results, f"{route}-tls", route)
        yield f"{route}, encrypted: half as fast as in clear", f"{times:.2f} times", times >= 0.5
    seconds = median(result["offer_to_verified_s"] for result in results["latency"])
    yield "1 MiB from offer to verified: under 0.15 s", f"{seconds:.3f} s", seconds < 0.15
    if "folder" in results:
        rounds = results["folder"]
        rate = median(result["files_s"] for result in rounds)
        yield "folder of small files: over 200 files/s", f"{rate:.0f}/s", rate > 200
        rate = median(result["all_files_s"] for result in rounds)
        yield "  with looking, offer and writing to the disk", f"{rate:.0f}/s", rate > 200
        peaks = [max(result["peak_mb"][end] for result in rounds) for end in (0, 1)]
        yield "  memory of sender and receiver: under 40 MB", f"{peaks[0]:.0f}, {peaks[1]:.0f} MB", max(peaks) < 40
    late, idle = (max(result[key] for rounds in results.values() for result in rounds
                      if key in result) for key in ("late_ms", "idle_ms"))
    yield "main loop never later than 16 ms", f"{late:.1f} ms", late <= 16
    yield "  (one that has nothing to do, beside it)", f"{idle:.1f} ms", None
    if "huge" in results:
        peak = results["huge"][0]["peak_mb"]
        yield "memory while it moves the huge file: under 20 MB", f"{peak:.1f} MB", peak < 20


def table(results):
    lines = [
        f"{'':<35}{'MB/s':>8}{'all rounds':>14}{'of':>10}{'CPU s/GB':>16}{'peak':>9}{'late':>9}{'idle':>9}",
        f"{'':<35}{'':>22}{'iperf3':>10}{'send':>8}{'recv':>8}{'MB':>9}{'ms':>9}{'ms':>9}",
    ]
    lines += [row(results, name) for name in TITLES if name in results]
    if "huge" in results:
        huge = results["huge"][0]
        lines.append(f"{'Ferry direct, the huge file, once':<35}{huge['mbs']:8.1f}{'':>24}"
                     f"{huge['cpu'][0]:8.2f}{huge['cpu'][1]:8.2f}{huge['peak_mb']:9.1f}"
                     f"{huge['late_ms']:9.1f}{huge['idle_ms']:9.1f}")
    lines.append("")
    for text, figure, is_reached in goals(results):
        verdict = {True: "reached", False: "MISSED", None: ""}[is_reached]
        lines.append(f"{text:<50}{figure:>12}   {verdict}".rstrip())
    return "\n".join(lines)

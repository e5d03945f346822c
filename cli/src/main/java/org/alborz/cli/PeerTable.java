package org.alborz.cli;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints how Alborz compares with its peers, a line a work as soon as it is done. */
final class PeerTable {
    /** A machine on which nothing else runs has a load near 0. */
    private static final double BUSY = 0.5;

    private final Screen screen;

    private PeerTable(Screen screen) {
        this.screen = screen;
    }

    static PeerTable of(Screen screen) {
        return new PeerTable(screen);
    }

    /** Compares in every work, prints, and returns what {@code --json} writes. */
    PeerReport fill(PeerContest contest, List<PeerWork> works) {
        Machine machine = Machine.ofThis();
        head(contest, machine);
        List<PeerRatio.Result> results = new ArrayList<>();
        List<PeerWork> each = contest.each(works);
        try (Progress progress = Progress.start(screen.withoutBar(), "comparing", "works", each.size())) {
            for (PeerWork work : each) {
                PeerRatio ratio = contest.compare(work);
                results.add(ratio.result());
                row(ratio);
                progress.to(results.size());
            }
        }
        screen.line("");
        contest.engines().forEach((name, facts) -> screen.line("%-20s %s", name, facts));
        contest.notes().forEach((name, note) -> screen.line("%-20s %s", name, note));
        return PeerReport.of(machine, contest.engines(), contest.method(), results);
    }

    private void head(PeerContest contest, Machine machine) {
        screen.field("Machine", machine.cpu() + ", " + machine.processors() + " processors, Java " + machine.java());
        screen.field("Method", contest.methodInWords());
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        if (load > BUSY) {
            screen.field(
                    "Warning",
                    String.format(
                            Locale.ROOT,
                            "the load of this machine was %.1f in the last minute; the figures are rough while others work",
                            load));
        }
        screen.line("");
        screen.line(
                "%-28s %9s %9s %-9s %7s %7s %7s %9s %6s",
                "work", "ours", "peer", "unit", "ratio", "low", "high", "at least", "aim");
    }

    private void row(PeerRatio ratio) {
        PeerRatio.Result r = ratio.result();
        PeerWork.Target target = ratio.work().target();
        String wanted = target == null
                ? " ".repeat(17)
                : String.format(Locale.ROOT, " %9.2f %6.2f", target.atLeast(), target.aim());
        screen.line(
                "%-28s %9.4g %9.4g %-9s %7.2f %7.2f %7.2f%s  %s",
                r.work(), r.ours(), r.peer(), r.unit(), r.ratio(), r.low(), r.high(), wanted, ratio.verdict());
    }
}

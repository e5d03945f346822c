package org.alborz.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.alborz.cli.CollectiveContest.Row;
import org.alborz.cli.CollectiveContest.Way;

/** Prints what {@link CollectiveContest} measures, the model of it, and what that predicts for more machines. */
final class CollectiveTable {
    /** From 1 KiB to 256 MiB, each four times the one before. */
    static final List<Long> SIZES = sizes();

    /** Of the training whose overlap is measured. */
    static final int STEPS = 30;

    private static final int[] MACHINES = {1, 8, 16, 32, 64, 128, 256, 512, 1024};

    /** The network of the predictions: 25 Gbit/s, of which 80 % carry content, and 30 µs from one program to another. */
    private static final CommunicationModel NETWORK = new CommunicationModel(30e-6, 8 / (0.8 * 25e9));

    /** The parts of a heap that a measurement leaves to others. */
    private static final int SHARE = 2;

    private final Screen screen;
    private final CollectiveContest contest;

    /**
     * A net of the predictions, and what a machine takes for a step of it.
     *
     * @param seconds of a step of 128 images on two processors of docs/results.md
     */
    record Net(String name, double gradientBytes, double stateBytes, double seconds) {}

    static final List<Net> NETS = List.of(
            new Net("cifar-cnn", 4.0 * 2_168_362, 0, 128 / 1_700.0),
            new Net("resnet20", 4.0 * 272_474, 4.0 * 1_376, 128 / 1_400.0));

    /**
     * What {@code --json} lists.
     *
     * @param alpha seconds of a message, of TCP over loopback
     * @param beta seconds a byte
     * @param overlap the share of exchanging gradients that two ranks on this machine hide behind the backward pass of cifar-cnn
     */
    record Result(List<Row> rows, double alpha, double beta, double overlap) {}

    CollectiveTable(Screen screen, CollectiveContest contest) {
        this.screen = screen;
        this.contest = contest;
    }

    private static List<Long> sizes() {
        List<Long> sizes = new ArrayList<>();
        for (long bytes = 1 << 10; bytes <= 1 << 28; bytes *= 4) {
            sizes.add(bytes);
        }
        return List.copyOf(sizes);
    }

    /**
     * Measures and prints.
     *
     * @param steps of the training whose overlap is measured
     */
    Result print(List<Long> sizes, int steps) {
        Machine machine = Machine.ofThis();
        screen.field("Machine", machine.cpu() + ", " + machine.processors() + " processors, Java " + machine.java());
        screen.field(
                "Method",
                "MB/s of a rank's message in a sum of all ranks, which are threads; median of " + contest.repetitions()
                        + " repetitions of " + contest.seconds() + " s or more");
        screen.line("");
        StringBuilder titles = new StringBuilder(String.format(Locale.ROOT, "%10s", "bytes"));
        for (Way way : Way.values()) {
            titles.append(String.format(Locale.ROOT, " %10s", way.title()));
        }
        screen.line("%s %14s", titles, "ms by tcp 2");
        List<Row> rows = new ArrayList<>();
        for (long bytes : sizes) {
            row(bytes, rows);
        }
        CommunicationModel model = model(rows);
        screen.line("");
        screen.line(
                "Model of tcp: a message takes %.1f µs and %.3f ns a byte (%.0f MB/s).",
                model.alpha() * 1e6, model.beta() * 1e9, 1e-6 / model.beta());
        double overlap = contest.overlap(steps);
        screen.line(
                "Hidden behind the backward pass: %.0f %% of exchanging the gradients of cifar-cnn, tcp 2, batch 32.",
                100 * overlap);
        screen.line("");
        screen.line(
                "PREDICTED, not measured: a step of 128 images a machine at 25 Gbit/s, 80 % of it content, and 30 µs a message;");
        screen.line("then as if all messages took what the model above says of this machine.");
        screen.line("chain: sums in the order of the ranks, as here; ring: 2(n - 1)/n of the bytes, in another order.");
        screen.line("");
        for (Net net : NETS) {
            predict(net, NETWORK, "25 Gbit/s");
            predict(net, model, "as measured");
        }
        return new Result(rows, model.alpha(), model.beta(), overlap);
    }

    private void row(long bytes, List<Row> rows) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%10d", bytes));
        double milliseconds = Double.NaN;
        for (Way way : Way.values()) {
            if (CollectiveContest.memory(way, bytes) > Runtime.getRuntime().maxMemory() / SHARE) {
                line.append(String.format(Locale.ROOT, " %10s", "no heap"));
                continue;
            }
            Row row = contest.measure(way, bytes);
            rows.add(row);
            line.append(String.format(Locale.ROOT, " %10.1f", row.bytesPerSecond() * 1e-6));
            milliseconds = way == Way.TCP_2 ? row.seconds() * 1e3 : milliseconds;
        }
        screen.line("%s %14.3f", line, milliseconds);
    }

    /** Returns the model of the sums over sockets. */
    static CommunicationModel model(List<Row> rows) {
        List<Row> tcp = rows.stream().filter(row -> row.way().startsWith("tcp")).toList();
        return CommunicationModel.fitted(
                tcp.stream()
                        .map(row -> CommunicationModel.load(row.ranks(), row.bytes()))
                        .toList(),
                tcp.stream().map(row -> CommunicationModel.hops(row.ranks())).toList(),
                tcp.stream().map(Row::seconds).toList());
    }

    private void predict(Net net, CommunicationModel network, String name) {
        screen.line(
                "%s, %s: gradients of %.2f MB, %.0f ms of computing",
                net.name(), name, net.gradientBytes() * 1e-6, net.seconds() * 1e3);
        screen.line("%10s %14s %10s %14s %10s", "machines", "ms, chain", "efficiency", "ms, ring", "efficiency");
        for (int machines : MACHINES) {
            double chain = net.seconds()
                    + network.rest(machines, net.stateBytes())
                    + network.chain(machines, net.gradientBytes());
            double ring = net.seconds()
                    + network.rest(machines, net.stateBytes())
                    + network.ring(machines, net.gradientBytes());
            screen.line(
                    "%10d %14.1f %8.1f %% %14.1f %8.1f %%",
                    machines, chain * 1e3, 100 * net.seconds() / chain, ring * 1e3, 100 * net.seconds() / ring);
        }
        screen.line("");
    }
}

package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.alborz.cli.CollectiveContest.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** What is measured of sums over ranks, and the model of it. */
@Timeout(300)
class CollectiveTableTest {
    @Test
    void everyWayIsMeasuredAndMoreMachinesArePredicted() {
        CommandLine bench = Alborz.commandLine().getSubcommands().get("bench");
        StringWriter printed = new StringWriter();
        bench.setOut(new PrintWriter(printed, true));
        CollectiveTable.Result result = new CollectiveTable(
                        Screen.of(bench.getCommandSpec()), new CollectiveContest(1, 1e-4))
                .print(List.of(1L << 10, 1L << 20), 1);
        assertThat(result.overlap()).isBetween(0.0, 1.0);
        assertThat(result.rows()).hasSize(12).allSatisfy(row -> {
            assertThat(row.seconds()).isPositive().isFinite();
            assertThat(row.bytesPerSecond()).isEqualTo(row.bytes() / row.seconds());
        });
        assertThat(result.rows().stream().map(Row::way).distinct())
                .containsExactly("copy", "socket", "threads 2", "threads 4", "tcp 2", "tcp 4");
        assertThat(printed.toString())
                .contains(
                        "% of exchanging the gradients of cifar-cnn",
                        "PREDICTED, not measured",
                        "resnet20, 25 Gbit/s: gradients of 1.09 MB",
                        "resnet20, as measured: gradients of 1.09 MB")
                .containsPattern("\n +1024 +[0-9.]+ +[0-9.]+ % +[0-9.]+ +[0-9.]+ %");
    }

    @Test
    void theModelFindsTheConstantsThatTimesWereMadeOf() {
        CommunicationModel model = new CommunicationModel(40e-6, 2e-9);
        List<Row> rows = new ArrayList<>();
        for (int ranks : new int[] {2, 4}) {
            for (long bytes : CollectiveTable.SIZES) {
                rows.add(new Row("tcp " + ranks, ranks, bytes, model.chain(ranks, bytes), 0));
            }
        }
        rows.add(new Row("threads 2", 2, 1024, 1, 0)); // which counts nothing
        CommunicationModel found = CollectiveTable.model(rows);
        assertThat(found.alpha()).isEqualTo(model.alpha(), within(1e-9));
        assertThat(found.beta()).isEqualTo(model.beta(), within(1e-13));
    }

    /** By hand: 4 ranks, 1 MB, 10 µs a message and 1 ns a byte. */
    @Test
    void sumsTakeWhatTheirFormulasSay() {
        CommunicationModel model = new CommunicationModel(10e-6, 1e-9);
        assertThat(model.ring(4, 1e6)).isEqualTo(6 * 10e-6 + 1.5e-3, within(1e-12));
        assertThat(model.chain(4, 1e6)).isEqualTo(6 * 10e-6 + 2e-3 + 6 * 262_144e-9, within(1e-12));
        assertThat(model.chain(2, 1e6)).isEqualTo(2 * 10e-6 + 1e-3 + 2 * 262_144e-9, within(1e-12));
        assertThat(model.rest(4, 1000)).isEqualTo(6 * 10e-6 + 3 * (10e-6 + 1e-6) + 1e-6, within(1e-12));
        assertThat(model.chain(1, 1e6) + model.ring(1, 1e6) + model.rest(1, 1000))
                .isZero();
    }

    @Test
    void whatDoesNotFitTheHeapIsLeftOut() {
        assertThat(CollectiveContest.memory(CollectiveContest.Way.TCP_4, 1 << 28))
                .isEqualTo(5L << 28);
        assertThat(CommandResult.of("bench", "--collective", "--peers").err())
                .contains("--peers does not go with --collective; leave one of them out");
    }
}

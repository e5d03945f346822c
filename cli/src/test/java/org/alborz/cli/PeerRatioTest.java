package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** The arithmetic of {@code bench --peers}, and what it refuses. */
final class PeerRatioTest {
    @Test
    void takesTheRatioOfEachRound() {
        PeerRatio ratio = new PeerRatio(work("gemm-512"));
        ratio.add(10, 10);
        ratio.add(30, 10);
        ratio.add(8, 4);
        // The medians 10 and 10 alone would say 1: rounds of a slow machine are compared among themselves.
        assertThat(ratio.result())
                .isEqualTo(new PeerRatio.Result(
                        "gemm-512",
                        10,
                        10,
                        "GFLOP/s",
                        2,
                        1,
                        1.5,
                        2.5,
                        3,
                        List.of(1.0, 3.0, 2.0),
                        null,
                        false,
                        0.9,
                        1.0));
    }

    @Test
    void lessIsBetterOfSecondsAndMemory() {
        for (String name : List.of(PeerWork.START, PeerWork.MEMORY)) {
            PeerRatio ratio = new PeerRatio(work(name));
            ratio.add(2, 5);
            assertThat(ratio.result().ratio()).isEqualTo(2.5);
        }
    }

    @Test
    void quartilesAreInterpolated() {
        List<Double> values = List.of(4.0, 1.0, 3.0, 2.0);
        assertThat(Measurement.median(values)).isEqualTo(2.5);
        assertThat(Measurement.quantile(values, 0.25)).isEqualTo(1.75);
        assertThat(Measurement.quantile(values, 0.75)).isEqualTo(3.25);
        assertThat(Measurement.quantile(List.of(7.0), 0.75)).isEqualTo(7);
    }

    @Test
    void refusesWhatWasNotMeasured() {
        PeerRatio ratio = new PeerRatio(work("gemm-512"));
        assertThatThrownBy(() -> ratio.add(Double.NaN, 1))
                .hasMessageContaining("gemm-512 expects measurements above 0");
        assertThatThrownBy(() -> ratio.add(1, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void judgesByTheTarget() {
        PeerWork.Target target = new PeerWork.Target(1.2, 1.6);
        assertThat(target.verdict(1.19)).isEqualTo("missed");
        assertThat(target.verdict(1.2)).isEqualTo("met");
        assertThat(target.verdict(1.6)).isEqualTo("aim met");
        assertThat(target.verdict(Double.NaN)).isEqualTo("missed");
    }

    @Test
    void doesNotJudgeWhatOthersDisturbed() {
        PeerRatio ratio = new PeerRatio(work("gemm-512"));
        ratio.add(2, 1);
        assertThat(ratio.verdict()).isEqualTo("aim met");
        ratio.others(OptionalDouble.of(0.05));
        assertThat(ratio.verdict()).isEqualTo("aim met");
        ratio.others(OptionalDouble.of(0.25));
        assertThat(ratio.verdict()).isEqualTo("disturbed: others took 25 %");
        assertThat(ratio.result().others()).isEqualTo(0.25);
        assertThat(ratio.result().disturbed()).isTrue();
    }

    @Test
    void bystandersTakeAShare() {
        OptionalDouble share = CpuContention.watch(ProcessHandle.current()).share();
        assertThat(share.orElse(0)).isBetween(0.0, 1.0);
    }

    @Test
    void jsonTellsTheRoundsTheMachineAndWhatWasDisturbed() {
        PeerRatio ratio = new PeerRatio(work("train-lstm-32"));
        ratio.add(30, 20);
        ratio.add(20, 20);
        ratio.others(OptionalDouble.of(0.5));
        PeerReport.Method method =
                new PeerReport.Method(2, 0.5, 0.1, List.of("-XX:+UseSerialGC"), Map.of("THP_MEM_ALLOC_ENABLE", "1"));
        Map<String, Map<String, String>> engines =
                Map.of("Alborz", PeerContest.facts("backend=cpu-vector;lanes=16;registers=32"));
        String json = JsonFile.text(PeerReport.of(Machine.ofThis(), engines, method, List.of(ratio.result())));
        assertThat(json)
                .contains(
                        "\"disturbed\":true",
                        "\"others\":0.5",
                        "\"ratios\":[1.5,1.0]",
                        "\"firstQuartile\":1.125",
                        "\"thirdQuartile\":1.375",
                        "\"atLeast\":1.0",
                        "\"lanes\":\"16\"",
                        "\"registers\":\"32\"",
                        "\"java\":\"" + Runtime.version(),
                        "\"peerEnvironment\":{\"THP_MEM_ALLOC_ENABLE\":\"1\"}");
        assertThat(JsonFile.parse(json, PeerReport.class).rows()).containsExactly(ratio.result());
    }

    @Test
    void refusesFactsWithoutAName() {
        assertThat(PeerContest.facts("version=2.7.1;a=b=c"))
                .containsExactly(Map.entry("version", "2.7.1"), Map.entry("a", "b=c"));
        for (String text : List.of("", "2.7.1", "=2.7.1")) {
            assertThatThrownBy(() -> PeerContest.facts(text)).hasMessageContaining("got '" + text + "'");
        }
    }

    @Test
    void needsThePeersBuild() {
        CommandResult result = CommandResult.of("bench", "--peers", "--work", "gemm-512");
        assertThat(result.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(result.err()).contains("--peers needs PyTorch and OpenBLAS", "./alborz bench --peers");
    }

    private static PeerWork work(String name) {
        return PeerRows.named(List.of(name)).get(0);
    }
}

package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
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
        assertThat(ratio.result()).isEqualTo(new PeerRatio.Result("gemm-512", 10, 10, "GFLOP/s", 2, 1, 3, null, false));
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
    void everyUsualWorkHasATarget() {
        assertThat(PeerWork.named(null)).hasSize(11).allMatch(work -> work.target() != null);
        assertThat(work("train-resnet20-32").target()).isNull();
    }

    @Test
    void oneNameStandsForAllFunctionsOfAMatrix() {
        assertThat(PeerWork.named(List.of("elementwise")))
                .flatExtracting(work -> work.each(() -> List.of("exp", "sum-rows")))
                .extracting(PeerWork::name)
                .containsExactly(
                        "exp-1024x1024",
                        "sum-rows-1024x1024",
                        "exp-65536x10",
                        "sum-rows-65536x10",
                        "exp-64x50000",
                        "sum-rows-64x50000");
        PeerWork one = work("log-softmax-65536x10");
        assertThat(one.isElementwise()).isTrue();
        assertThat(one.each(() -> List.of("exp"))).containsExactly(one);
        CommandResult other = CommandResult.of("bench", "--peers", "--work", "exp-3x3");
        assertThat(other.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(other.err()).contains("FUNCTION-SHAPE", "got 'exp-3x3'");
    }

    @Test
    void refusesWhatItDoesNotCompare() {
        CommandResult unknown = CommandResult.of("bench", "--peers", "--work", "train-cifar-cnn");
        assertThat(unknown.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(unknown.err()).contains("train-cifar-cnn-128", "got 'train-cifar-cnn'");
        CommandResult batch = CommandResult.of("bench", "--peers", "--batch-size", "32");
        assertThat(batch.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(batch.err()).contains("--batch-size does not go with --peers", "infer-resnet20-32");
    }

    @Test
    void needsThePeersBuild() {
        CommandResult result = CommandResult.of("bench", "--peers", "--work", "gemm-512");
        assertThat(result.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(result.err()).contains("--peers needs PyTorch and OpenBLAS", "./alborz bench --peers");
    }

    private static PeerWork work(String name) {
        return PeerWork.named(List.of(name)).get(0);
    }
}

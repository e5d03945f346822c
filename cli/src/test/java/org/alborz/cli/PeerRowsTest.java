package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Which rows {@code bench --peers} has, and how {@code --work} names them. */
final class PeerRowsTest {
    private static List<String> names(String... chosen) {
        return PeerRows.named(List.of(chosen)).stream().map(PeerWork::name).toList();
    }

    @Test
    void everyUsualRowHasATarget() {
        List<PeerWork> usual = PeerRows.named(null);
        assertThat(usual).hasSize(54).allMatch(work -> work.target() != null).doesNotHaveDuplicates();
        assertThat(usual)
                .extracting(PeerWork::name)
                .contains(
                        "gemm-256",
                        "gemm-2048-all",
                        "gemm-tn-1024",
                        "gemm-nt-1024-all",
                        "train-mlp-1",
                        "infer-mlp-256",
                        "train-mobilenet-v2-32",
                        "infer-lstm-32",
                        "train-gpt-block-8",
                        "log-softmax-65536x10",
                        "sum-rows-64x50000",
                        "start",
                        "memory")
                .doesNotContain("train-resnet20-32");
    }

    @Test
    void groupsNameTheirRows() {
        assertThat(names("gemm")).hasSize(24).allMatch(name -> name.startsWith("gemm-"));
        assertThat(names("lstm")).containsExactly("train-lstm-32", "infer-lstm-32");
        assertThat(names("mlp")).containsExactly("train-mlp-1", "train-mlp-256", "infer-mlp-1", "infer-mlp-256");
        assertThat(names("train")).hasSize(11).contains("train-cifar-cnn-1", "train-mobilenet-v2-32");
        assertThat(names("infer")).hasSize(11).contains("infer-gpt-block-8");
        assertThat(names("all"))
                .contains("gemm-nt-256", "elementwise-64x50000", "start")
                .hasSize(24 + 22 + 3 + 2);
        assertThat(names("gemm-512")).containsExactly("gemm-512");
    }

    @Test
    void aRowThatIsNamedTwiceIsMeasuredOnce() {
        assertThat(names("train-lstm-32", "lstm", "train-lstm-32")).containsExactly("train-lstm-32", "infer-lstm-32");
    }

    @Test
    void oneNameStandsForAllFunctionsOfAMatrix() {
        assertThat(PeerRows.named(List.of("elementwise")))
                .flatExtracting(work -> work.each(() -> List.of("exp", "sum-rows")))
                .extracting(PeerWork::name)
                .containsExactly(
                        "exp-1024x1024",
                        "sum-rows-1024x1024",
                        "exp-65536x10",
                        "sum-rows-65536x10",
                        "exp-64x50000",
                        "sum-rows-64x50000");
        PeerWork one = PeerRows.named(List.of("log-softmax-65536x10")).get(0);
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
        assertThat(unknown.err()).contains("train-cifar-cnn-128", "gpt-block", "got 'train-cifar-cnn'");
        CommandResult batch = CommandResult.of("bench", "--peers", "--batch-size", "32");
        assertThat(batch.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(batch.err()).contains("--batch-size does not go with --peers", "infer-resnet20-32");
    }
}

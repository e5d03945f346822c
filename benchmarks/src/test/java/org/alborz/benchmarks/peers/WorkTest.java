package org.alborz.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WorkTest {
    @Test
    void readsNames() {
        assertThat(Work.named("gemm-512")).isEqualTo(new Work("gemm-512", Work.Kind.GEMM, "nn", 512, 1));
        assertThat(Work.named("infer-mobilenet-v2-32"))
                .isEqualTo(new Work("infer-mobilenet-v2-32", Work.Kind.INFER, "mobilenet-v2", 32, 2));
        assertThat(Work.named("train-gpt-block-8").net()).isEqualTo(Net.GPT_BLOCK);
    }

    @Test
    void readsTransposedProductsOnAllThreads() {
        Work left = Work.named("gemm-tn-256");
        assertThat(left.transposesLeft()).isTrue();
        assertThat(left.transposesRight()).isFalse();
        assertThat(left.threads()).isEqualTo(1);
        Work right = Work.named("gemm-nt-2048-all");
        assertThat(right.transposesLeft()).isFalse();
        assertThat(right.transposesRight()).isTrue();
        assertThat(right.size()).isEqualTo(2048);
        assertThat(right.threads()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(right.numbers()).isEqualTo(new RowNumbers(2048, 2048));
    }

    @Test
    void readsFunctionsOfAMatrix() {
        Work work = Work.named("log-softmax-65536x10");
        assertThat(work).isEqualTo(new Work("log-softmax-65536x10", Work.Kind.ROWS, "log-softmax", 655_360, 2));
        assertThat(work.function()).isEqualTo(RowFunction.LOG_SOFTMAX);
        assertThat(work.numbers()).isEqualTo(new RowNumbers(65536, 10));
        assertThat(work.amount()).isEqualTo(655_360e-9);
    }

    @Test
    void countsWhatARunDoes() {
        assertThat(Work.named("gemm-1000").amount()).isEqualTo(2.0);
        assertThat(Work.named("gemm-1000").threads()).isEqualTo(1);
        assertThat(Work.named("train-cifar-cnn-128").amount()).isEqualTo(128.0);
        assertThat(Work.named("train-cifar-cnn-128").threads()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gemm-",
                "gemm-0",
                "train-cifar-cnn",
                "infer-resnet20-0",
                "train-vgg-8",
                "x gemm-8",
                "gemm-8x8",
                "gemm-tt-8",
                "gemm-8-both",
                "exp-0x8"
            })
    void refusesOthers(String name) {
        assertThatThrownBy(() -> Work.named(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + name + "'");
    }

    @Test
    void readsThePeakOfMemory() {
        assertThat(ResidentMemory.peak(List.of("VmPeak:\t  9999 kB", "VmHWM:\t  2048 kB", "VmRSS:\t 1 kB")))
                .isEqualTo(2.0);
    }
}

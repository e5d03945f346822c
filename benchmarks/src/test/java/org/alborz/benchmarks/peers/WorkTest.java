package org.alborz.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.alborz.data.Sample;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WorkTest {
    @Test
    void readsNames() {
        assertThat(Work.named("gemm-512")).isEqualTo(new Work("gemm-512", Work.Kind.GEMM, null, 512));
        assertThat(Work.named("infer-resnet20-32"))
                .isEqualTo(new Work("infer-resnet20-32", Work.Kind.INFER, "resnet20", 32));
    }

    @Test
    void readsFunctionsOfAMatrix() {
        Work work = Work.named("log-softmax-65536x10");
        assertThat(work).isEqualTo(new Work("log-softmax-65536x10", Work.Kind.ROWS, "log-softmax", 655_360));
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

    @Test
    void noiseIsEvenAndTheSameAgain() {
        NoiseImages images = new NoiseImages(3, 8);
        float[] values = Sample.of(images, 5).floats(0);
        double sum = 0;
        double squares = 0;
        for (float value : values) {
            assertThat(value).isBetween(-1f, 1f);
            sum += value;
            squares += value * value;
        }
        // Uniform in [−1, 1): mean 0 and variance 1/3, here within five standard errors.
        assertThat(sum / values.length).isBetween(-0.053, 0.053);
        assertThat(squares / values.length).isBetween(0.306, 0.361);
        assertThat(Sample.of(new NoiseImages(3, 8), 5).floats(0)).isEqualTo(values);
        assertThat(Sample.of(new NoiseImages(4, 8), 5).floats(0)).isNotEqualTo(values);
        assertThat(Sample.of(images, 2).ints(1)[0]).isBetween(0, 9);
    }
}

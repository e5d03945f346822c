package org.alborz.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.alborz.checkpoint.SafetensorsFile;
import org.alborz.data.Sample;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What contestants read, and how it is seen whether they agree. */
final class NetTest {
    @Test
    void noiseIsEvenAndTheSameAgain() {
        Noise images = new Noise(Net.CIFAR_CNN, 3, 8);
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
        assertThat(Sample.of(new Noise(Net.CIFAR_CNN, 3, 8), 5).floats(0)).isEqualTo(values);
        assertThat(Sample.of(new Noise(Net.CIFAR_CNN, 4, 8), 5).floats(0)).isNotEqualTo(values);
        assertThat(Sample.of(images, 2).ints(1)[0]).isBetween(0, 9);
    }

    @Test
    void sequencesHaveTargetsOfTheirOwn() {
        Sample sample = Sample.of(Net.LSTM.compared(), 1);
        assertThat(sample.floats(0)).hasSize(100 * 256).isNotEqualTo(sample.floats(1));
        assertThat(sample.floats(1)).hasSize(100 * 256);
        assertThat(Net.LSTM.compared().classes()).isEmpty();
        assertThat(Net.MLP.compared().classes()).hasSize(10);
    }

    @ParameterizedTest
    @EnumSource(Net.class)
    void everyNetHasAName(Net net) {
        assertThat(Net.named(net.word())).isEqualTo(net);
        assertThat(Work.named("train-" + net.word() + "-3").net()).isEqualTo(net);
    }

    @Test
    void refusesAPeerThatComputesSomethingElse(@TempDir Path folder) {
        float[] ours = {1, 200, 0};
        List<Exchange.Item> items = List.of(
                new Exchange.Item(Exchange.RESULT, Shape.of(3), ours),
                new Exchange.Item(Exchange.STEPPED, Shape.of(3), ours));
        Exchange.write(folder, "exp-8x8", items);
        try (SafetensorsFile file = Exchange.open(folder, "exp-8x8")) {
            Exchange.requireAgreement(file, Exchange.RESULT, new float[] {1.0009f, 199.9f, -0.0009f}, "PyTorch");
            Exchange.requireAgreement(file, Exchange.STEPPED, new float[] {1.01f, 199, 0.01f}, "PyTorch");
            for (float[] theirs :
                    List.of(new float[] {1, 200, 0.01f}, new float[] {1, 201, 0}, new float[] {Float.NaN, 200, 0})) {
                assertThatThrownBy(() -> Exchange.requireAgreement(file, Exchange.RESULT, theirs, "PyTorch"))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("numbers of result differ at")
                        .hasMessageContaining("PyTorch")
                        .hasMessageContaining("the two would not do the same work");
            }
            assertThatThrownBy(() -> Exchange.requireAgreement(file, Exchange.RESULT, new float[2], "OpenBLAS"))
                    .hasMessageContaining("3 numbers, OpenBLAS's 2");
        }
    }
}

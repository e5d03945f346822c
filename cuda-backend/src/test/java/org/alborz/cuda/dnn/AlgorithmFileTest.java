package org.alborz.cuda.dnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AlgorithmFileTest {
    private static final Shape IMAGES = Shape.of(2, 8, 6, 5);
    private static final ConvolutionKey KEY = new ConvolutionKey(
            ConvolutionPass.FORWARD,
            DType.FLOAT32,
            new Conv2dParameters(1, 1, 1, 1, 1, 1, 1),
            IMAGES,
            Shape.of(8, 8, 3, 3),
            IMAGES,
            false);

    @TempDir
    Path folder;

    @Test
    void ofSeveralWithOneFileTheFirstChoosesForAll() throws Exception {
        Path path = folder.resolve("algorithms.tsv");
        assertThat(new AlgorithmFile(path, "GPU").agreed(KEY, Optional.empty())).isEmpty();
        int[] chosen = IntStream.range(0, 8)
                .mapToObj(i -> new AlgorithmFile.Timing(i, 2.5))
                .parallel()
                .mapToInt(timing -> new AlgorithmFile(path, "GPU")
                        .agreed(KEY, Optional.of(timing))
                        .orElseThrow())
                .toArray();
        assertThat(chosen).hasSize(8).containsOnly(chosen[0]);
        assertThat(Files.readAllLines(path)).containsExactly("GPU\t" + KEY + "\t" + chosen[0] + "\t2.5");
        assertThat(new AlgorithmFile(path, "GPU").number(KEY)).hasValue(chosen[0]);
        assertThat(new AlgorithmFile(path, "another GPU").number(KEY)).isEmpty();
    }

    @Test
    void whatIsNoSuchFileIsRefusedWithARemedy() throws Exception {
        assertThatThrownBy(() -> new AlgorithmFile(folder, "GPU"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(folder + " cannot be read")
                .hasMessageEndingWith("; name another");
        Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThatThrownBy(() -> new AlgorithmFile(binary, "GPU"))
                .hasMessageContaining("name another file, or delete this one");
    }
}

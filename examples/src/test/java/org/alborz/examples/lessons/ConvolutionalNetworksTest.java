package org.alborz.examples.lessons;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the lessons of convolutional networks; that nothing contradicts them is asserted by {@link LessonRuns}. */
class ConvolutionalNetworksTest {
    @TempDir
    Path pictures;

    @Test
    void convnet() throws IOException {
        LessonResult result = LessonRuns.quick("convnet", pictures);
        assertThat(result.finding("7, F 3, S 1").ours()).isEqualTo(5);
        assertThat(result.finding("7, F 3, S 2").ours()).isEqualTo(3);
        assertThat(result.finding("7, F 3, S 1, P 1").ours()).isEqualTo(7);
        assertThat(result.finding("the 3 x 3 Gaussian over the patch").ours()).isEqualTo(176.1875);
        assertThat(result.finding("their parameters").ours()).isEqualTo(760);
        assertDrawn(result, "blurred-and-edges", "maps-of-layer-2");
    }

    @Test
    void poolingAnd1x1() throws IOException {
        LessonResult result = LessonRuns.quick("pooling-and-1x1", pictures);
        assertThat(result.finding("the largest: 6, 8, 3, 4").ours()).isEqualTo(1);
        assertThat(result.finding("the gradient goes to the largest alone").ours())
                .isEqualTo(1);
        assertDrawn(result, "pooled");
    }

    private void assertDrawn(LessonResult result, String... titles) {
        assertThat(result.pictures())
                .extracting(picture -> picture.getFileName().toString())
                .containsExactly(Arrays.stream(titles)
                        .map(title -> result.name() + "-" + title + ".png")
                        .toArray(String[]::new));
        assertThat(result.pictures()).allSatisfy(picture -> assertThat(picture).isNotEmptyFile());
    }
}

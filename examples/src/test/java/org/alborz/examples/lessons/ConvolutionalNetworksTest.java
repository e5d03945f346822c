package org.alborz.examples.lessons;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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

    @Test
    void cifarCnn() throws IOException {
        LessonResult result = LessonRuns.quick("cifar-cnn", pictures);
        assertThat(result.finding("accuracy on test images, percent").verdict())
                .isEqualTo(Finding.Verdict.NOT_COMPARED);
        assertThat(result.text()).contains("checkerboard", "true \\ predicted");
        assertDrawn(result, "one-image-eight-times", "filters", "accuracy-by-class");
    }

    @Test
    void labelSmoothing() throws IOException {
        LessonResult result = LessonRuns.quick("label-smoothing", pictures);
        assertThat(result.finding("target of the class: 1 - epsilon").ours()).isCloseTo(0.9, within(1e-6));
        assertThat(result.finding("of each other one: epsilon / (k - 1)").ours())
                .isCloseTo(1 / 90.0, within(1e-6));
        assertDrawn(result, "difference-of-scores", "probability-of-the-predicted-class");
    }

    @Test
    void distillation() throws IOException {
        LessonResult result = LessonRuns.quick("distillation", pictures);
        assertThat(result.finding("a = 0 is cross-entropy").ours()).isEqualTo(1);
        assertThat(result.finding("a = 1 is 0 for a student that agrees").ours())
                .isEqualTo(1);
        assertThat(result.text()).contains("student, seed 1", "student, seed 2", "student, seed 3");
        assertDrawn(result, "outputs-of-the-teacher");
    }

    @Test
    void adversarial() throws IOException {
        LessonResult result = LessonRuns.quick("adversarial", pictures);
        assertThat(result.finding("that is epsilon times the sum of |w0 - w1|").ours())
                .isEqualTo(1);
        assertThat(result.finding("after training on examples it is higher under attack")
                        .ours())
                .isEqualTo(1);
        assertDrawn(result, "accuracy-under-attack", "pairs");
    }

    @Test
    void transfer() throws IOException {
        LessonResult result = LessonRuns.quick("transfer", pictures);
        assertThat(result.finding("a new head, the rest frozen: the first layer stays")
                        .ours())
                .isEqualTo(1);
        assertDrawn(result, "accuracy");
    }

    @Test
    void imageSearch() throws IOException {
        LessonResult result = LessonRuns.quick("image-search", pictures);
        assertThat(result.finding("by features: each query finds itself first, at distance 0")
                        .ours())
                .isEqualTo(1);
        assertDrawn(result, "plane", "by-pixels", "by-features");
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

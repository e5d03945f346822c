package org.alborz.examples.lessons;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.alborz.examples.lessons.Finding.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lessons on neural networks, small; {@link LessonRuns#quick} asserts that all their claims hold. */
class NetworksTest {
    @TempDir
    Path pictures;

    @Test
    void activations() throws IOException {
        LessonResult result = LessonRuns.quick("activations", pictures);
        assertThat(result.finding("gradient of sigmoid at 0, its largest").ours())
                .isEqualTo(0.25);
        assertThat(result.finding("ReLU dies of a long step").verdict()).isEqualTo(Verdict.AGREES);
        assertThat(names(result))
                .contains("activations-functions.png", "activations-gradients.png", "activations-saturated.png");
    }

    @Test
    void initialization() throws IOException {
        LessonResult result = LessonRuns.quick("initialization", pictures);
        assertThat(result.finding("tanh, 0.01 N(0, 1): std of layer 1").ours()).isBetween(0.208, 0.218);
        assertThat(result.finding("ReLU, He: std of layer 10").ours()).isBetween(0.645, 1.045);
        assertThat(names(result)).contains("initialization-deviations.png", "initialization-ReLU-He.png");
    }

    @Test
    void sanity() throws IOException {
        LessonResult result = LessonRuns.quick("sanity", pictures);
        assertThat(result.finding("first loss, no regularization").ours()).isBetween(2.3025, 2.3027);
        assertThat(result.finding("first loss, regularization of 1e3").ours()).isBetween(3.06, 3.08);
        assertThat(result.finding("of 20 images right after 200 epochs").ours()).isEqualTo(20);
        assertThat(result.finding("rate 1e6 gives NaN and is caught").verdict()).isEqualTo(Verdict.AGREES);
        assertThat(names(result)).contains("sanity-overfit.png", "sanity-rates.png");
    }

    @Test
    void optimizers() throws IOException {
        LessonResult result = LessonRuns.quick("optimizers", pictures);
        assertThat(result.findings())
                .filteredOn(finding -> finding.what().endsWith("takes the same path"))
                .hasSize(6);
        assertThat(names(result)).containsExactly("optimizers-paths.png", "optimizers-decay.png");
    }

    @Test
    void batchSize() throws IOException {
        LessonResult result = LessonRuns.quick("batch-size", pictures);
        assertThat(result.finding("four times the batch, half the noise").verdict())
                .isEqualTo(Verdict.AGREES);
        assertThat(names(result)).containsExactly("batch-size-noise.png", "batch-size-loss.png");
    }

    @Test
    void dropout() throws IOException {
        LessonResult result = LessonRuns.quick("dropout", pictures);
        assertThat(result.findings())
                .filteredOn(finding -> finding.what().contains("the output of the test"))
                .hasSize(2);
        assertThat(names(result)).containsExactly("dropout-scores.png", "dropout-overfitting.png");
    }

    @Test
    void hyperparameters() throws IOException {
        LessonResult result = LessonRuns.quick("hyperparameters", pictures);
        assertThat(result.finding("rates that nine trials of a grid try").ours())
                .isEqualTo(3);
        assertThat(result.finding("rates that nine random trials try").ours()).isEqualTo(9);
        assertThat(result.text()).contains("coarse val_acc", "fine val_acc", "bayesian trial", "diverged");
        assertThat(names(result)).hasSize(5).contains("hyperparameters-plane.png", "hyperparameters-model.png");
    }

    @Test
    void monitoring() throws IOException {
        LessonResult result = LessonRuns.quick("monitoring", pictures);
        assertThat(result.finding("and by hand it is the same").verdict()).isEqualTo(Verdict.AGREES);
        assertThat(result.finding("log10 of that median; the notes: about 1e-3").verdict())
                .isEqualTo(Verdict.AGREES);
        assertThat(names(result))
                .contains(
                        "monitoring-ratios.png",
                        "monitoring-loss.png",
                        "monitoring-accuracy.png",
                        "monitoring-weights-after.png");
    }

    @Test
    void callbacks() throws IOException {
        LessonResult result = LessonRuns.quick("callbacks", pictures);
        assertThat(result.findings())
                .extracting(Finding::verdict)
                .containsOnly(Verdict.AGREES)
                .hasSize(12);
        assertThat(result.text()).contains("\"val_loss\"");
    }

    @Test
    void architectureSearch() throws IOException {
        LessonResult result = LessonRuns.quick("architecture-search", pictures);
        assertThat(result.finding("which is (1 * 6)^2 (2 * 6)^2").verdict()).isEqualTo(Verdict.AGREES);
        assertThat(names(result)).containsExactly("architecture-search-search.png", "architecture-search-best.png");
    }

    private static List<String> names(LessonResult result) {
        return result.pictures().stream()
                .map(file -> file.getFileName().toString())
                .toList();
    }
}

package org.alborz.examples.lessons;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinearModelsTest {
    @TempDir
    Path pictures;

    @Test
    void neighboursAreFoundAndDrawn() throws IOException {
        LessonResult result = LessonRuns.quick("knn", pictures);
        assertThat(result.finding("one neighbour is better than chance").ours()).isEqualTo(1);
        assertThat(result.findings()).hasSize(3);
        assertThat(result.text()).contains("Cross-validation: k = ");
        assertThat(result.pictures()).hasSize(2);
    }

    @Test
    void scoresAndLossesAreTheNotes() throws IOException {
        LessonResult result = LessonRuns.quick("linear", pictures);
        assertThat(result.finding("score of class 2, ship").ours()).isCloseTo(60.75, within(1e-4));
        assertThat(result.finding("the notes' score of ship, without b").ours()).isCloseTo(61.95, within(1e-4));
        assertThat(result.finding("mean hinge loss").ours()).isCloseTo(15.8 / 3, within(1e-5));
        assertThat(result.finding("softmax loss of scores 0, ln C").ours()).isCloseTo(Math.log(10), within(1e-6));
        assertThat(result.findings()).hasSize(16);
        assertThat(result.pictures()).hasSize(3);
    }

    @Test
    void whitenedPointsHaveTheIdentityAsCovariance() throws IOException {
        LessonResult result = LessonRuns.quick("preprocessing", pictures);
        assertThat(result.finding("whitened: the covariance is the identity").ours())
                .isEqualTo(1);
        assertThat(result.findings()).hasSize(6);
        assertThat(result.pictures()).hasSize(3);
    }

    @Test
    void penaltiesDecayWeightsByTheirFormula() throws IOException {
        LessonResult result = LessonRuns.quick("regularization", pictures);
        assertThat(result.finding("L1: the weight decays as the formula says").ours())
                .isEqualTo(1);
        assertThat(result.findings()).hasSize(9);
        assertThat(result.pictures()).hasSize(2);
    }

    @Test
    void searchesFindALessLoss() throws IOException {
        LessonResult result = LessonRuns.quick("random-search", pictures);
        assertThat(result.finding("test accuracy of local search, %").verdict())
                .isEqualTo(Finding.Verdict.NOT_COMPARED);
        assertThat(result.finding("local search lowers the loss further").ours())
                .isEqualTo(1);
        assertThat(result.pictures()).hasSize(1);
    }

    @Test
    void differencesAgreeWithTheChainRule() throws IOException {
        LessonResult result = LessonRuns.quick("gradient-check", pictures);
        assertThat(result.finding("it notices a gradient that is half of the right one")
                        .ours())
                .isEqualTo(1);
        assertThat(result.findings()).hasSize(9);
        assertThat(result.pictures()).hasSize(1);
    }

    @Test
    void gatesPassGradientsOn() throws IOException {
        LessonResult result = LessonRuns.quick("computational-graph", pictures);
        assertThat(result.finding("df/dz").ours()).isEqualTo(3);
        assertThat(result.finding("df/dx1").ours()).isCloseTo(-0.5898, within(1e-4));
        assertThat(result.findings()).hasSize(14);
        assertThat(pictures.resolve("computational-graph-two-gates.png")).exists();
        assertThat(pictures.resolve("computational-graph-sigmoid-neuron.png")).exists();
    }

    @Test
    void elevenLinesLearnFourRows() throws IOException {
        LessonResult result = LessonRuns.quick("eleven-lines", pictures);
        assertThat(result.finding("row 2, rounded").ours()).isEqualTo(1);
        assertThat(result.finding("row 4, rounded").ours()).isEqualTo(0);
        assertThat(result.pictures()).hasSize(2);
    }

    @Test
    void theWorkedExampleHasTheNotesNumbersAndTheRightLastWeight() throws IOException {
        LessonResult result = LessonRuns.quick("worked-example", pictures);
        assertThat(result.finding("output y").ours()).isCloseTo(0.916062, within(1e-6));
        assertThat(result.finding("w4").ours()).isCloseTo(0.4038726, within(2e-7));
        assertThat(result.finding("w6 (the notes' 0.6187 is a slip)").ours()).isCloseTo(0.6037435, within(2e-7));
        assertThat(result.pictures()).hasSize(1);
    }
}

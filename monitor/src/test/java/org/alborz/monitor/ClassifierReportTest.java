package org.alborz.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.alborz.data.ArrayDataset;
import org.alborz.data.Dataset;
import org.alborz.data.GeneratedImages;
import org.alborz.models.Models;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.tensor.Session;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

class ClassifierReportTest {
    @Test
    void countsAndFindsTheWorstMistakes() {
        Dataset samples = ArrayDataset.of(new float[][] {{3, 0}, {0, 2}, {1, 0}, {0, 4}}, new int[] {0, 0, 1, 1});
        List<Integer> progress = new ArrayList<>();
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, new Linear(2, 2), 1)) {
            model.parameters().get("weight").value().assign(session.tensor(new float[][] {{1, 0}, {0, 1}}));
            model.parameters().get("bias").value().fill(0);

            ClassifierReport report = ClassifierReport.of(model, samples, 24, "note", progress::add);

            assertThat(report.confusion()).isEqualTo(new long[][] {{1, 1}, {1, 1}});
            assertThat(report.classes()).hasSize(2);
            assertThat(report.mistakes()).as("rows of numbers are no pictures").isEmpty();
            assertThat(progress).containsExactly(4);
        }
    }

    @Test
    void mistakesAreSortedByTheProbabilityOfTheRightClass() {
        Dataset samples = GeneratedImages.test(1, 30);
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, Models.mlp(3 * 32 * 32, 10), 1)) {
            ClassifierReport report = ClassifierReport.of(model, samples, 5, "note", done -> {});

            assertThat(report.mistakes())
                    .hasSize(5)
                    .isSortedAccordingTo(Comparator.comparingDouble(ClassifierReport.Mistake::truthProbability));
            for (ClassifierReport.Mistake mistake : report.mistakes()) {
                assertThat(mistake.truth()).isNotEqualTo(mistake.predicted());
                assertThat(mistake.probability()).isGreaterThan(mistake.truthProbability());
            }
        }
    }

    @Test
    void refusesAModelOfOtherClasses() {
        Dataset samples = GeneratedImages.test(1, 4);
        for (int outputs : new int[] {9, 11}) {
            try (Session session = Session.open("cpu-scalar");
                    Model model = Model.create(session, Models.mlp(3 * 32 * 32, outputs), 1)) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> ClassifierReport.of(model, samples, 5, "note", done -> {}))
                        .withMessageContaining(
                                "expects logits of the 10 classes of the data, [N, 10], got [4, " + outputs);
            }
        }
    }

    @Test
    void samplesAreShownAsTheyAre() {
        Picture picture = SamplePicture.of(GeneratedImages.test(1, 1), 0).orElseThrow();
        assertThat(picture.height()).isEqualTo(32);
        assertThat(picture.channels()).isEqualTo(3);

        Dataset wide =
                ArrayDataset.builder().field("image", new float[1][1][2][200]).build();
        assertThat(SamplePicture.of(wide, 0)).as("too narrow to make smaller").isEmpty();
    }

    @Test
    void filtersAreOnOneScaleAroundGrey() {
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, new Sequential(new Conv2d(3, 2, 1), new Conv2d(2, 4, 3)), 1)) {
            float[] weights = {1, 0, -1, 0.5f, 0, 0};
            model.parameters().get("0.weight").value().assign(session.tensor(weights, Shape.of(2, 3, 1, 1)));

            List<Picture> filters = FirstLayer.filters(model);

            assertThat(filters).hasSize(2);
            assertThat(filters.get(0).pixels()).containsExactly(255, 128, 0);
            assertThat(filters.get(1).pixels()).containsExactly(191, 128, 128);
        }
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, new Linear(2, 2), 1)) {
            assertThat(FirstLayer.filters(model)).isEmpty();
        }
    }

    @Test
    void anOverviewHasALineBetweenItsTiles() {
        Picture grid =
                FilterPictures.overview(Shape.of(3, 3, 2, 2), new float[36]).orElseThrow();
        assertThat(List.of(grid.height(), grid.width(), grid.channels())).containsExactly(5, 5, 3);
        Picture rows =
                FilterPictures.overview(Shape.of(2, 4, 3, 3), new float[72]).orElseThrow();
        assertThat(List.of(rows.height(), rows.width(), rows.channels())).containsExactly(7, 15, 1);
        assertThat(FilterPictures.overview(Shape.of(5), new float[5])).isEmpty();
        assertThat(FilterPictures.overview(Shape.of(2000, 2), new float[4000])).isEmpty();
        assertThat((double) grid.pixels()[0]).isCloseTo((byte) 128, within(0.0));
    }
}

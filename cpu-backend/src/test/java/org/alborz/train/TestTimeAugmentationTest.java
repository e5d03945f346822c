package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.metrics.Accuracy;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.nn.Sequential;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TestTimeAugmentationTest {
    private final Session session = Session.open("cpu-vector");
    private Model model;

    @AfterEach
    void close() {
        model.close();
        session.close();
    }

    /** A net whose output depends on where each pixel is. */
    private void create(int size) {
        model = Model.create(session, new Sequential(new Flatten(), new Linear(size, 10)), 4);
    }

    private Tensor output(double... image) {
        float[] values = new float[image.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) image[i];
        }
        return model.forward(session.tensor(values, Shape.of(1, 1, 2, 3)), Pass.evaluation());
    }

    @Test
    void theOutputIsTheMeanOfBothViews() {
        create(6);
        Tensor image = session.tensor(new float[] {1, 2, 3, 4, 5, 6}, Shape.of(1, 1, 2, 3));
        float[] mean = TestTimeAugmentation.flips()
                .forward(model, image, Pass.evaluation())
                .toFloats();
        float[] plain = output(1, 2, 3, 4, 5, 6).toFloats();
        float[] mirrored = output(3, 2, 1, 6, 5, 4).toFloats();
        for (int i = 0; i < 3; i++) {
            assertThat(mean[i]).isCloseTo((plain[i] + mirrored[i]) / 2, within(1e-5f));
            assertThat(mean[i]).isNotCloseTo(plain[i], within(1e-3f));
        }
    }

    /** Moved by a pixel, the border is that of the image mirrored: its second row and column. */
    @Test
    void movedImagesHaveAQuarterOfTheWeightEach() {
        create(6);
        Tensor image = session.tensor(new float[] {1, 2, 3, 4, 5, 6}, Shape.of(1, 1, 2, 3));
        float[] mean = new TestTimeAugmentation(false, 1)
                .forward(model, image, Pass.evaluation())
                .toFloats();
        float[] plain = output(1, 2, 3, 4, 5, 6).toFloats();
        float[] downRight = output(5, 4, 5, 2, 1, 2).toFloats();
        float[] upLeft = output(5, 6, 5, 2, 3, 2).toFloats();
        for (int i = 0; i < 3; i++) {
            assertThat(mean[i]).isCloseTo(plain[i] / 2 + (downRight[i] + upLeft[i]) / 4, within(1e-5f));
        }
    }

    @Test
    void anObjectiveEvaluatesByItAndTrainsWithoutIt() {
        create(3072);
        DataLoader images = DataLoader.of(GeneratedImages.train(1, 8), 4).build();
        Loss loss = Loss.crossEntropy();
        Objective plain = Objective.supervised(model, loss);
        Objective flips = Objective.supervised(model, loss, TestTimeAugmentation.flips());
        double evaluatedPlain =
                Evaluation.of(model, plain, List.of(new Accuracy()), images).loss();
        double evaluated =
                Evaluation.of(model, flips, List.of(new Accuracy()), images).loss();
        assertThat(evaluated).isNotCloseTo(evaluatedPlain, within(1e-4));
        assertThat(flips.settings()).isNotEqualTo(plain.settings());

        Trainer trainer = Trainer.of(model, new Sgd(1e-30), flips).build();
        double trained = trainer.fit(images, 1).get(0).loss();
        assertThat(trained).isCloseTo(evaluatedPlain, within(1e-5));
    }

    @Test
    void refusesWhatIsNoImage() {
        create(6);
        Tensor rows = session.zeros(Shape.of(2, 6));
        assertThatThrownBy(() -> TestTimeAugmentation.flips().forward(model, rows, Pass.evaluation()))
                .hasMessageContaining("TestTimeAugmentation expects images [N, C, H, W]");
        assertThatThrownBy(() -> TestTimeAugmentation.flips().shifted(-1)).hasMessageContaining("at least 0 pixels");
    }
}

package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.alborz.FreshJvm;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.models.Models;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.train.Trainer;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

/** A slower type is warned of where it costs time, and nowhere else. */
class SlowTypeWarningTest {
    private static final String WARNING = "computes float64 by plain loops";

    @Test
    void aTrainingInFloat32IsNotWarnedOf() throws IOException, InterruptedException {
        assertThat(FreshJvm.run(Training.class)).contains("trained").doesNotContain(WARNING);
    }

    @Test
    void aLargeTensorOfASlowerTypeIs() throws IOException, InterruptedException {
        assertThat(FreshJvm.run(LargeTensor.class)).contains(WARNING);
    }

    static final class Training {
        private Training() {}

        public static void main(String[] arguments) {
            DataLoader loader = DataLoader.of(GeneratedImages.train(1, 64), 32).build();
            try (Session session = Session.open("cpu-vector");
                    Model model = Model.create(session, Models.byName("mlp", 10), 1)) {
                Trainer.classifier(model, new Sgd(0.1), Loss.crossEntropy())
                        .build()
                        .fit(loader, loader, 1);
                System.out.println("trained");
            }
        }
    }

    static final class LargeTensor {
        private LargeTensor() {}

        public static void main(String[] arguments) {
            try (Session session = Session.open("cpu-vector")) {
                session.zeros(Shape.of(100, 100), DType.FLOAT64);
            }
        }
    }
}

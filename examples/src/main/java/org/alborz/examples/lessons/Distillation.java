package org.alborz.examples.lessons;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.Subset;
import org.alborz.examples.drawing.Bars;
import org.alborz.metrics.Accuracy;
import org.alborz.nn.DistillationLoss;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Objective;
import org.alborz.train.Trainer;

/** Trains a small net on the softened outputs of a large one, and compares it with the same net trained on the labels alone. */
final class Distillation implements Lesson {
    private static final double TEMPERATURE = 4;
    private static final int SEEDS = 3;

    public static void main(String[] args) throws IOException {
        Course.main(new Distillation(), args);
    }

    @Override
    public String name() {
        return "distillation";
    }

    @Override
    public String title() {
        return "Distillation: a small net learns from a large one";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        loss(notebook, notebook.session());
        DataLoader test = notebook.data().shuffled(notebook.data().test(notebook.size(100, 1_000, 10_000)), 100);
        try (Model teacher = Model.create(notebook.session(), ConvNets.of(2, 2, 1, 32, 128), notebook.seed())) {
            Dataset images = notebook.data().train(notebook.size(200, 8_000, 50_000));
            Trainer trainer = Trainer.classifier(teacher, new Adam(1e-3)).build();
            trainer.fit(notebook.data().shuffled(images, 64), notebook.size(1, 4, 10));
            notebook.say("  teacher: %,d parameters, %s", teacher.parameterCount(), trainer.evaluate(test));
            softened(notebook, teacher, images.classes());
            students(notebook, teacher, Subset.first(images, notebook.size(100, 600, 10_000)), test);
        }
    }

    /** loss = a T^2 KL(softmax(teacher / T) || softmax(student / T)) + (1 - a) crossEntropy(student, labels), temperature T, share a. */
    private static void loss(Notebook notebook, Session session) {
        Tensor labels = session.tensor(new int[] {2, 0});
        Tensor teacher = session.tensor(new float[][] {{1, -2, 3}, {4, 0, -1}});
        Tensor student = session.tensor(new float[][] {{0, 1, -1}, {2, -1, -1}});
        double hard = new DistillationLoss(TEMPERATURE, 0)
                .of(student, teacher, labels)
                .item();
        double agreeing = new DistillationLoss(TEMPERATURE, 1)
                .of(teacher, teacher, labels)
                .item();
        double labelsOnly = Loss.crossEntropy().of(student, labels).item();
        notebook.claim("a = 0 is cross-entropy", Math.abs(hard - labelsOnly) < 1e-6);
        notebook.claim("a = 1 is 0 for a student that agrees", Math.abs(agreeing) < 1e-6);
    }

    private static void softened(Notebook notebook, Model teacher, List<String> classes) throws IOException {
        Tensor scores = teacher.predict(notebook.data().image(notebook.session()));
        double[] sharp = scores.softmax().toDoubles();
        double[] soft = scores.div(TEMPERATURE).softmax().toDoubles();
        notebook.claim("softened, the largest probability is smaller", max(soft) < max(sharp));
        Bars bars = new Bars("What the teacher says of one image", "probability", classes);
        notebook.picture(
                "outputs-of-the-teacher",
                bars.add("T = 1", sharp).add("T = 4", soft).draw());
    }

    private static double max(double... values) {
        return Arrays.stream(values).max().orElseThrow();
    }

    /** The same small nets on the same few images, with and without the teacher. */
    private static void students(Notebook notebook, Model teacher, Dataset few, DataLoader test) {
        double alone = 0;
        double distilled = 0;
        for (long seed = notebook.seed(); seed < notebook.seed() + SEEDS; seed++) {
            double a = student(notebook, teacher, 0, few, test, seed);
            double b = student(notebook, teacher, 0.9, few, test, seed);
            notebook.say("  student, seed %d: alone %.3f, distilled %.3f", seed, a, b);
            alone += a / SEEDS;
            distilled += b / SEEDS;
        }
        notebook.say("  mean of three: alone %.3f, distilled %.3f", alone, distilled);
        if (!notebook.isQuick()) {
            notebook.claim("the distilled student beats the same net alone", distilled > alone);
        }
    }

    private static double student(
            Notebook notebook, Model teacher, double share, Dataset few, DataLoader test, long seed) {
        DistillationLoss loss = new DistillationLoss(TEMPERATURE, share);
        try (Model student = Model.create(notebook.session(), ConvNets.of(1, 2, 0, 8, 0), seed)) {
            Objective objective = (batch, pass) -> {
                Tensor scores = student.forward(batch.get("image"), pass);
                batch.put("output", scores);
                Tensor wanted =
                        share == 0 ? scores.detach() : teacher.predict(batch.get("image")); // no use for a share of 0
                return loss.of(scores, wanted, batch.get("label"));
            };
            Trainer trainer = Trainer.of(student, new Adam(2e-3), objective)
                    .metrics(new Accuracy())
                    .build();
            trainer.fit(DataLoader.of(few, 50).shuffle(true).seed(seed).build(), notebook.size(1, 15, 15));
            return trainer.evaluate(test).accuracy();
        }
    }
}

package org.alborz.examples.lessons;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.alborz.data.DataLoader;
import org.alborz.examples.drawing.ImageGrid;
import org.alborz.examples.drawing.Plot;
import org.alborz.explain.AdversarialObjective;
import org.alborz.explain.Attack;
import org.alborz.metrics.Accuracy;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Evaluation;
import org.alborz.train.Objective;
import org.alborz.train.Trainer;
import org.alborz.type.Shape;

/** Changes images so little that one hardly sees it, and so that a net errs; then trains a net on such images. */
final class Adversarial implements Lesson {
    private static final double[] EPSILONS = {0, 2, 4, 8, 16};
    private static final Loss LOSS = Loss.crossEntropy();

    public static void main(String[] args) throws IOException {
        Course.main(new Adversarial(), args);
    }

    @Override
    public String name() {
        return "adversarial";
    }

    @Override
    public String title() {
        return "Adversarial examples by the fast gradient sign method, and training on them";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        linear(notebook, notebook.session());
        DataLoader train = notebook.data().shuffled(notebook.data().train(notebook.size(300, 4_000, 50_000)), 50);
        int epochs = notebook.size(8, 6, 10);
        DataLoader test = notebook.data().shuffled(notebook.data().test(notebook.size(100, 1_000, 10_000)), 100);
        try (Model plain = Model.create(notebook.session(), ConvNets.of(1, 2, 1, 16, 64), notebook.seed());
                Model robust = Model.create(notebook.session(), ConvNets.of(1, 2, 1, 16, 64), notebook.seed())) {
            Trainer.of(plain, new Adam(2e-3), Objective.supervised(plain, LOSS))
                    .build()
                    .fit(train, epochs);
            var mixed = new AdversarialObjective(robust, LOSS, attack(8), 0.5); // half of the loss on plain images
            Trainer.of(robust, new Adam(2e-3), mixed).build().fit(train, epochs);
            double[] before = DoubleStream.of(EPSILONS)
                    .map(epsilon -> accuracy(plain, epsilon, test))
                    .toArray();
            double[] after = DoubleStream.of(EPSILONS)
                    .map(epsilon -> accuracy(robust, epsilon, test))
                    .toArray();
            notebook.say("  accuracy for epsilon = 0, 2, 4, 8, 16 of 255:");
            notebook.say("  trained as usual         %s", Arrays.toString(before));
            notebook.say("  on adversarial examples  %s", Arrays.toString(after));
            notebook.claim("the attack lowers the accuracy", before[3] < before[0]);
            notebook.claim("after training on examples it is higher under attack", after[3] > before[3]);
            Plot plot = new Plot("Accuracy under attack", "epsilon, of 255", "accuracy");
            plot.line("trained as usual", EPSILONS, before).line("on adversarial examples", EPSILONS, after);
            notebook.picture("accuracy-under-attack", plot.draw());
            pairs(notebook, plain, test);
        }
    }

    /** x' = x + epsilon sign(gradient of the loss by x); epsilon of 255 levels, which were divided by a deviation of about 0.25. */
    private static Attack attack(double epsilon) {
        return Attack.fgsm(epsilon / 255 / 0.25);
    }

    /** For two classes and scores W x the gradient has the sign of w0 - w1 or its opposite: the difference falls by epsilon |w0 - w1|. */
    private static void linear(Notebook notebook, Session session) {
        Sequential net = new Sequential(new Linear(1000, 2).bias(false));
        try (Model model = Model.create(session, net, notebook.seed())) {
            Tensor x = session.normal(Shape.of(1, 1000), notebook.seed());
            Tensor changed = Attack.fgsm(0.1).apply(model, LOSS, x, session.tensor(new int[] {0}), 1);
            Tensor w = model.parameter("0.weight").value(); // [2, 1000]
            Tensor difference = w.select(0, 0).sub(w.select(0, 1)); // [1000]
            double sum = difference.abs().sum().item();
            double fall = x.sub(changed).reshape(1000).mul(difference).sum().item();
            notebook.say("  a change of 1000 numbers by 0.1 lowers a linear score by %.3f = 0.1 * %.3f", fall, sum);
            notebook.claim("that is epsilon times the sum of |w0 - w1|", Math.abs(fall - 0.1 * sum) < 1e-3 * sum);
        }
    }

    private static double accuracy(Model model, double epsilon, DataLoader test) {
        Objective underAttack = (batch, pass) -> {
            Tensor x = batch.get(0);
            Tensor changed = epsilon == 0 ? x : attack(epsilon).apply(model, LOSS, x, batch.get(1), 1);
            batch.put("output", model.forward(changed, pass));
            return LOSS.of(batch.get("output"), batch.get(1));
        };
        return Evaluation.of(model, underAttack, List.of(new Accuracy()), test).accuracy();
    }

    /** Draws images that the net knows, as they are and attacked, with what it says of each. */
    private static void pairs(Notebook notebook, Model model, DataLoader test) throws IOException {
        BatchTensors batch = LessonData.tensors(notebook.session(), test);
        Tensor known = model.predict(batch.get(0)).argMax(1).eq(batch.get(1)).nonZero();
        Tensor five = known.narrow(0, 0, 5).reshape(5);
        Tensor x = batch.get(0).indexSelect(0, five); // [5, 3, 32, 32]
        Tensor changed = attack(8).apply(model, LOSS, x, batch.get(1).indexSelect(0, five), 1);
        ImageGrid grid = new ImageGrid(5, 4);
        for (Tensor images : List.of(x, changed)) {
            int[] predicted = model.predict(images).argMax(1).toInts();
            LessonData.add(grid, images, LessonData.names(test.dataset(), predicted));
        }
        notebook.picture("pairs", grid.draw());
    }
}

package org.alborz.examples.lessons;

import java.io.IOException;
import org.alborz.autograd.Tape;
import org.alborz.data.DataLoader;
import org.alborz.examples.drawing.Histograms;
import org.alborz.examples.drawing.Plot;
import org.alborz.metrics.CalibrationError;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.optim.Adam;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Predictions;
import org.alborz.train.Trainer;

/** Trains against targets of 1 - epsilon for the class and epsilon / (k - 1) for each other one, and shows what that changes. */
final class LabelSmoothing implements Lesson {
    private static final int K = 10;
    private static final double EPSILON = 0.1;
    private static final Loss HARD = Loss.crossEntropy();
    private static final Loss SMOOTH = Loss.crossEntropy().smoothingOthers(EPSILON);

    public static void main(String[] args) throws IOException {
        Course.main(new LabelSmoothing(), args);
    }

    @Override
    public String name() {
        return "label-smoothing";
    }

    @Override
    public String title() {
        return "Label smoothing: targets that are not quite sure";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        targets(notebook, notebook.session());
        best(notebook, notebook.session());
        nets(notebook);
    }

    /** loss = -sum over j of t[j] * ln p[j] has the gradient p - t by the scores, so t = p - gradient; p is 1 / k where all scores are 0. */
    private static void targets(Notebook notebook, Session session) {
        float[] gradient = gradient(session, SMOOTH, new float[K]);
        notebook.exactly("target of the class: 1 - epsilon", 1.0 / K - gradient[0], "0.9");
        notebook.exactly("of each other one: epsilon / (k - 1)", 1.0 / K - gradient[1], "0.0111");
        float[] paper = gradient(session, Loss.crossEntropy(EPSILON * K / (K - 1)), new float[K]);
        notebook.claim(
                "epsilon / k for each (Szegedy et al.) is the same for another epsilon",
                Math.abs(paper[0] - gradient[0]) < 1e-6);
    }

    private static float[] gradient(Session session, Loss loss, float[] scores) {
        try (Scope scope = session.scope("gradient");
                Tape tape = new Tape(session)) {
            Tensor z = tape.watch(session.tensor(new float[][] {scores})); // [1, K]
            Tensor mean = loss.of(z, session.tensor(new int[] {0}));
            return tape.gradients(mean, z).of(z).toFloats();
        }
    }

    /** The best scores differ by ln((1 - epsilon) (k - 1) / epsilon); without smoothing the larger the better. */
    private static void best(Notebook notebook, Session session) throws IOException {
        double[] hard = gaps(session, HARD);
        double[] smooth = gaps(session, SMOOTH);
        double bound = Math.log((1 - EPSILON) * (K - 1) / EPSILON);
        notebook.claim("smoothed, the difference goes to ln 81 = 4.394", Math.abs(smooth[300] - bound) < 1e-3);
        notebook.claim("hard, it passes that and continues to grow", hard[100] > bound && hard[300] > hard[100] + 0.5);
        Plot plot = new Plot("Score of the class minus that of another", "step", "difference");
        plot.line("hard targets", hard).line("smoothed", smooth);
        notebook.picture("difference-of-scores", plot.draw());
    }

    /** Descends by the gradient on the scores themselves. */
    private static double[] gaps(Session session, Loss loss) {
        double[] gaps = new double[301];
        float[] scores = new float[K];
        for (int step = 1; step < gaps.length; step++) {
            float[] gradient = gradient(session, loss, scores);
            for (int j = 0; j < K; j++) {
                scores[j] -= 2 * gradient[j];
            }
            gaps[step] = scores[0] - scores[1];
        }
        return gaps;
    }

    private static void nets(Notebook notebook) throws IOException {
        Histograms histograms = new Histograms(2);
        double hard = confidence(notebook, "hard targets", HARD, histograms);
        double smooth = confidence(notebook, "smoothed", SMOOTH, histograms);
        notebook.claim("a net with smoothed targets is less sure", smooth < hard);
        notebook.picture("probability-of-the-predicted-class", histograms.draw());
    }

    /** Returns the mean probability of the predicted class; the calibration error is how far it is from how often that is right. */
    private static double confidence(Notebook notebook, String name, Loss loss, Histograms histograms) {
        DataLoader train = notebook.data().shuffled(notebook.data().train(notebook.size(200, 3_000, 50_000)), 50);
        DataLoader test = notebook.data().shuffled(notebook.data().test(notebook.size(100, 1_000, 10_000)), 100);
        try (Model model = Model.create(notebook.session(), ConvNets.of(1, 2, 1, 16, 64), notebook.seed())) {
            Trainer.Builder builder = Trainer.classifier(model, new Adam(1e-3), loss);
            Trainer trainer = builder.metrics(new CalibrationError()).build();
            trainer.fit(train, notebook.size(8, 8, 20));
            Predictions scores = trainer.predict(test);
            Tensor logits = notebook.session().tensor(scores.values(), scores.shape());
            Tensor sure = logits.softmax().max(1); // [N]
            double mean = sure.mean().item();
            notebook.say("  %-13s %s, mean probability %.3f", name, trainer.evaluate(test), mean);
            histograms.add(name, sure.toFloats(), 0, 1);
            return mean;
        }
    }
}

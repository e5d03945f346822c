package org.alborz.explain;

import java.util.ArrayList;
import java.util.List;
import org.alborz.autograd.Tape;
import org.alborz.nn.Model;
import org.alborz.nn.Module;
import org.alborz.nn.Pass;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Shape;

/**
 * Shows which places of an image speak for a class: the maps of a convolutional layer, each weighted by the mean of the score's gradient
 * with respect to it, added up, where the sum is positive (Selvaraju et al. 2017, equations 1 and 2).
 */
public final class GradCam {
    private final Model model;
    private final String layer;

    private GradCam(Model model, String layer) {
        this.model = model;
        this.layer = layer;
    }

    /**
     * Chooses a layer whose results are maps {@code [N, K, H, W]}; usually the last one before they are pooled.
     *
     * @param layer its path, such as {@code 11} or {@code features.3}; {@code model.toString()} lists them
     * @throws IllegalArgumentException if there is none
     */
    public static GradCam of(Model model, String layer) {
        Given.value(model, "GradCam", "a model").part(layer);
        return new GradCam(model, layer);
    }

    /** Returns a map for each image for the class that the model gives the largest score. */
    public List<HeatMap> maps(Tensor images) {
        try (Scope scope = model.session().scope("GradCam")) {
            return maps(images, model.predict(images).argMax(1).toInts());
        }
    }

    /**
     * Returns a map for each image, of the layer's size.
     *
     * @param images {@code [N, C, H, W]}
     * @param classes a class for each
     */
    public List<HeatMap> maps(Tensor images, int[] classes) {
        Session session = model.session();
        Module part = model.part(layer);
        try (Scope scope = session.scope("GradCam");
                Tape tape = new Tape(session)) {
            Tensor[] maps = new Tensor[1];
            // The layer's result is where the tape begins; what goes on is another tensor, which containers may close.
            Pass pass = Pass.evaluation(tape).hook(part, y -> {
                maps[0] = tape.watch(y.detach());
                return maps[0].mul(1);
            });
            Tensor scores =
                    model.forward(Given.value(images, "GradCam", "images").detach(), pass);
            require(scores, maps[0], classes);
            Tensor score = scores.mul(chosen(scores, classes)).sum();
            Tensor gradient = tape.gradients(score, maps[0]).of(maps[0]);
            Tensor weighted =
                    maps[0].mul(gradient.mean(true, 2, 3)).sum(false, 1).relu();
            return heatMaps(weighted);
        }
    }

    private void require(Tensor scores, Tensor maps, int[] classes) {
        if (maps == null) {
            throw Model.notRun(layer);
        }
        if (maps.shape().rank() != 4) {
            throw new IllegalArgumentException("GradCam expects a layer whose results are [N, K, H, W], got "
                    + maps.shape() + " of '" + layer + "'; choose one before the maps are flattened or pooled");
        }
        if (scores.shape().rank() != 2
                || Given.value(classes, "GradCam", "classes").length
                        != scores.shape().size(0)) {
            throw new IllegalArgumentException("GradCam expects scores [N, classes] and N classes, got "
                    + scores.shape() + " and " + classes.length + " classes");
        }
        for (int c : classes) {
            if (c < 0 || c >= scores.shape().size(1)) {
                throw new IllegalArgumentException(
                        "GradCam expects classes from 0 to " + (scores.shape().size(1) - 1) + ", got " + c);
            }
        }
    }

    private static Tensor chosen(Tensor scores, int[] classes) {
        float[] one = new float[(int) scores.shape().elements()];
        for (int i = 0; i < classes.length; i++) {
            one[i * scores.shape().size(1) + classes[i]] = 1;
        }
        return scores.session().tensor(one, scores.shape()).to(scores.dtype());
    }

    private static List<HeatMap> heatMaps(Tensor maps) {
        Shape shape = maps.shape();
        double[] values = maps.toDoubles();
        List<HeatMap> found = new ArrayList<>();
        for (int n = 0; n < shape.size(0); n++) {
            float[][] map = new float[shape.size(1)][shape.size(2)];
            for (int i = 0; i < shape.size(1) * shape.size(2); i++) {
                map[i / shape.size(2)][i % shape.size(2)] = (float) values[n * shape.size(1) * shape.size(2) + i];
            }
            found.add(new HeatMap(map));
        }
        return found;
    }
}

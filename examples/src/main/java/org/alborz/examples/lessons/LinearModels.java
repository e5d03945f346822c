package org.alborz.examples.lessons;

import java.util.List;

/** The lessons of this part of the course. */
final class LinearModels {
    static final Part PART = new Part(
            "From pixels to classes: nearest neighbours, linear models and gradients",
            List.of(
                    new Knn(),
                    new LinearClassifier(),
                    new Regularization(),
                    new RandomSearch(),
                    new GradientChecking(),
                    new ComputationalGraph(),
                    new ElevenLines(),
                    new WorkedExample(),
                    new Preprocessing()));

    private LinearModels() {}
}

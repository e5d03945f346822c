package org.alborz.examples.lessons;

import java.util.List;

/** The lessons of this part of the course. */
final class Networks {
    static final Part PART = new Part(
            "Neural networks and how they are trained",
            List.of(
                    new ActivationFunctions(),
                    new InitializationByLayer(),
                    new SanityChecks(),
                    new OptimizerPaths(),
                    new MiniBatches(),
                    new DropoutByHand(),
                    new HyperparameterSearch(),
                    new MonitoringTraining(),
                    new EveryCallback(),
                    new ArchitectureSearch()));

    private Networks() {}
}

package org.alborz.gpucheck;

import java.nio.file.Path;
import java.util.List;

/** Every check, in the order in which they run: first what is right, then what is fast. */
final class Checks {
    private Checks() {}

    /**
     * Returns the checks of a backend.
     *
     * @param reference what results are compared with
     * @param torchLog where PyTorch's messages go
     */
    static List<Check> of(
            Subject subject, Subject reference, Scale scale, String python, Path script, Log log, Path torchLog) {
        DeviceMemory device = subject.isCpu() ? DeviceMemory.unknown() : DeviceMemory.ofCuda();
        return List.of(
                ConformanceCheck.suite(subject.name(), scale.allConformance(), log),
                ConformanceCheck.gradients(subject.name(), scale.allConformance(), log),
                new RandomBitsCheck(subject, reference, scale.randoms()),
                new TrainingCheck(subject, reference, scale),
                new CapturedStepsCheck(subject, scale),
                new LeakCheck(subject, scale, device),
                new OutOfMemoryCheck(subject, scale),
                new LaunchCheck(subject, scale.rounds()),
                new CopyCheck(subject, scale),
                SpeedCheck.products(subject, scale),
                SpeedCheck.training(subject, scale),
                new TorchCheck(subject, scale, python, script, torchLog),
                new AlgorithmsCheck(subject, scale),
                SpeedCheck.inference(subject, scale));
    }
}

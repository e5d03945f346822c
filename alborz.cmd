@echo off
rem Starts the Alborz command line on Windows, as the script alborz does elsewhere: finds Java, builds what is stale, runs. Works from any folder.
rem   JAVA_HOME         the Java to use (otherwise the java on the PATH); 17 or newer
rem   ALBORZ_JAVA_OPTS  more JVM options, such as -Xmx8g; they come last and win
setlocal enableextensions disabledelayedexpansion
set "alborz_home=%~dp0"
set "alborz_home=%alborz_home:~0,-1%"
set "target=%alborz_home%\cli\target"
set "alborz_stamp=%target%\alborz.stamp"
set "alborz_class_path=%target%\classpath"
set "lock=%target%\build.lock"
set "main=org.alborz.cli.Alborz"
set "failed="

call :find_java
if defined failed exit /b 69
if "%~1"=="bench" call :refuse_peers %*
if defined failed exit /b 69

call :is_stale
if errorlevel 1 call :locked build
if defined failed exit /b 69

rem Classes are read, ready to use, from an archive that a training of two steps makes after each build, which removes the former one. A JVM
rem that finds it unfit, as with some options in ALBORZ_JAVA_OPTS, does without; nobody has to be told, so its log is off.
set "archive=%target%\alborz-%full_version%.jsa"
set "probe_file=%target%\alborz-%full_version%.speedprobe"
set "no_log=-Xlog:cds*=off"
if %version% geq 24 set "no_log=%no_log%,aot*=off"
rem The variable has room for more than a command line has.
for /f "usebackq delims=" %%c in ("%alborz_class_path%") do set "CLASSPATH=%target%\alborz-cli.jar;%%c"
rem A collector beside one that was asked for would be refused by the JVM.
set "options=%target%\jvm.options"
if defined ALBORZ_JAVA_OPTS call :leave_out_collector
if not exist "%archive%" call :locked prepare_archive
set "archived="
if exist "%archive%" for %%a in ("%archive%") do if %%~za gtr 0 set archived="-XX:SharedArchiveFile=%archive%"
rem The outcome of the speed probe, which the training for the archive measures. It counts for a JVM with the same options only.
set "probe="
if not defined ALBORZ_JAVA_OPTS if not defined JDK_JAVA_OPTIONS if not defined JAVA_TOOL_OPTIONS if not defined _JAVA_OPTIONS set probe="-Dalborz.speedprobe=%probe_file%"

"%java%" "@%options%" %no_log% %archived% %probe% %ALBORZ_JAVA_OPTS% %main% %*
exit /b %errorlevel%

rem Says what is wrong (1) and the remedy (2).
:fail
echo alborz: %~1 1>&2
echo alborz: remedy: %~2 1>&2
set "failed=yes"
exit /b 69

rem Sets java, java_home (empty when unknown), full_version (such as 17.0.1) and version (the feature number, such as 17).
:find_java
set "install_jdk=install a JDK 17 or newer, for example from https://adoptium.net, and point JAVA_HOME at it"
set "java="
if defined JAVA_HOME (set "java=%JAVA_HOME%\bin\java.exe") else for %%i in (java.exe) do set "java=%%~$PATH:i"
if not defined java call :fail "found no Java: JAVA_HOME is not set and no java is on the PATH." "%install_jdk%"
if defined failed exit /b 69
if not exist "%java%" call :fail "JAVA_HOME is '%JAVA_HOME%', but there is no bin\java.exe in it." "%install_jdk%"
if defined failed exit /b 69
for %%i in ("%java%") do set "java_home=%%~dpi.."
for %%i in ("%java_home%") do set "java_home=%%~fi"
set "full_version="
if not exist "%java_home%\release" set "java_home="
if defined java_home for /f "tokens=2 delims==" %%v in ('findstr /b /c:"JAVA_VERSION=" "%java_home%\release"') do set "full_version=%%~v"
if not defined full_version for /f "tokens=2,3" %%u in ('^""%java%" -version 2^>^&1^"') do if "%%u"=="version" set "full_version=%%~v"
set "version=0"
rem Java 8 calls itself 1.8.
if defined full_version for /f "tokens=1,2 delims=.+-_" %%a in ("%full_version%") do if "%%a"=="1" (set "version=%%b") else set "version=%%a"
if %version% lss 17 call :fail "%java% is Java %full_version%; expected 17 or newer." "%install_jdk%"
exit /b

rem Chooses the options without a collector where ALBORZ_JAVA_OPTS names one.
:leave_out_collector
echo(%ALBORZ_JAVA_OPTS%| findstr /r /c:"-XX:+Use[A-Za-z0-9]*GC" >nul
if not errorlevel 1 set "options=%target%\jvm-collector.options"
exit /b 0

rem PyTorch for bench --peers is not to be had in Java for Windows.
:refuse_peers
if "%~1"=="" exit /b 0
if "%~1"=="--peers" call :fail "bench --peers needs PyTorch, which is not to be had for Windows." "run it on Linux (x86_64, aarch64) or macOS (arm64), or leave out --peers"
if defined failed exit /b 69
shift /1
goto refuse_peers

rem Ends with 1 when something that goes into the class path is newer than the last build's stamp, or has gone. A kernel's PTX stands beside its
rem source, and the build takes it from there.
:is_stale
if not exist "%alborz_stamp%" exit /b 1
if not exist "%alborz_class_path%" exit /b 1
if not exist "%target%\jvm-collector.options" exit /b 1
powershell -NoProfile -NonInteractive -Command "$built = (Get-Item -LiteralPath $env:alborz_stamp).LastWriteTimeUtc; Set-Location -LiteralPath $env:alborz_home; $files = @(Get-Item pom.xml, jvm.options, *\pom.xml, kernels\index.txt, kernels\*\*.ptx -ErrorAction SilentlyContinue) + @(Get-Item *\src\main, *\src\peers -ErrorAction SilentlyContinue) + @(Get-ChildItem *\src\main, *\src\peers -Recurse -ErrorAction SilentlyContinue); foreach ($file in $files) { if ($file.LastWriteTimeUtc -gt $built) { exit 1 } }; foreach ($entry in (Get-Content -LiteralPath $env:alborz_class_path -Raw).Trim() -split ';') { if (-not (Test-Path -LiteralPath $entry)) { exit 1 } }; exit 0" <nul
if errorlevel 2 echo alborz: PowerShell cannot tell whether the build is stale; remove %alborz_stamp% to build again. 1>&2
if errorlevel 2 exit /b 0
exit /b

rem Calls a label (1) while no other alborz.cmd does, and waits while one of them builds. Cmd opens the file of a redirection for itself alone, and the
rem system closes it however this process ends.
:locked
if not exist "%target%" mkdir "%target%" 2>nul
set "told="
rem Where nothing can be written the build will say so.
(type nul >"%target%\writable.%~1") 2>nul || goto unlocked
del /q "%target%\writable.%~1" 2>nul
:take_lock
set "held="
3>&2 2>nul (
    9>>"%lock%" 2>&3 (
        set "held=yes"
        call :%~1
    )
)
if defined held exit /b 0
if not defined told echo alborz: waiting for another alborz, which is building ... 1>&2
set "told=yes"
ping -n 2 127.0.0.1 >nul
goto take_lock
:unlocked
rem An archive that cannot be kept would be made at each start.
if not "%~1"=="prepare_archive" call :%~1
exit /b 0

:build
call :is_stale
rem Another may have built it meanwhile.
if not errorlevel 1 exit /b 0
if defined java_home if not exist "%java_home%\bin\javac.exe" call :fail "%java_home% holds no javac: a Java runtime can start Alborz, but not build it." "%install_jdk%"
if defined failed exit /b 69
if exist "%alborz_stamp%" (echo alborz: building ... 1>&2) else echo alborz: building ^(the first run downloads dependencies^) ... 1>&2
if defined java_home set "JAVA_HOME=%java_home%"
rem Maven would write new jars into the old files, under a training run that has them open; Windows then keeps those.
for /d %%m in ("%alborz_home%\*") do del /q "%%m\target\alborz-*.jar" 2>nul
rem Made before the build: what changes while it runs is stale afterwards.
type nul >"%alborz_stamp%.new"
pushd "%alborz_home%"
rem Standard output belongs to the command, standard input too.
call mvnw.cmd -q -B -ntp -Dmaven.test.skip=true -pl cli -am package <nul 1>&2
if errorlevel 1 call :fail "the build failed; Maven's messages stand above." "correct what they name, end other runs of Alborz, or try: mvnw.cmd clean verify"
popd
if defined failed del /q "%alborz_stamp%.new" 2>nul
if defined failed exit /b 69
rem jvm.options but for what Windows does not have, as files since it is longer than a command line can be. A mistake in ALBORZ_JAVA_OPTS is not
rem passed over, so the option that would do that is left out.
findstr /b /c:"-" "%alborz_home%\jvm.options" | findstr /v /c:"+IgnoreUnrecognizedVMOptions" /c:"+UseTransparentHugePages" >"%target%\jvm.options"
findstr /v /r /c:"-XX:+Use.*GC" "%target%\jvm.options" >"%target%\jvm-collector.options"
del /q "%target%\alborz-*.jsa" "%target%\alborz-*.speedprobe" 2>nul
move /y "%alborz_stamp%.new" "%alborz_stamp%" >nul
exit /b 0

:prepare_archive
if exist "%archive%" exit /b 0
echo alborz: preparing the first start, once for this build, some ten seconds ... 1>&2
"%java%" "@%target%\jvm.options" %no_log% "-XX:ErrorFile=%archive%.log" "-XX:ArchiveClassesAtExit=%archive%.new" "-Dalborz.speedprobe=%probe_file%" %main% train --limit 16 --batch-size 8 --epochs 1 --out "%target%\archive.new" <nul >nul 2>nul
rmdir /s /q "%target%\archive.new" 2>nul
del /q "%archive%.log" 2>nul
rem This Java may make none, and is not asked again.
if not exist "%archive%.new" type nul >"%archive%.new"
move /y "%archive%.new" "%archive%" >nul
exit /b 0

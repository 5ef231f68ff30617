# Two stages: the JDK builds, the JRE runs.
FROM eclipse-temurin:25-jdk AS build
WORKDIR /build
COPY .mvn .mvn
COPY mvnw pom.xml ./
COPY src src
RUN ./mvnw -B -ntp -q package -DskipTests \
    && java -Djarmode=tools -jar target/batchnorm.jar extract --layers --launcher --destination extracted

FROM eclipse-temurin:25-jre
RUN groupadd --system --gid 999 batchnorm && useradd --system --uid 999 --gid batchnorm batchnorm \
    && mkdir /data && chown batchnorm:batchnorm /data
WORKDIR /app
# From what changes least to what changes most.
COPY --from=build /build/extracted/dependencies/ ./
COPY --from=build /build/extracted/spring-boot-loader/ ./
COPY --from=build /build/extracted/snapshot-dependencies/ ./
COPY --from=build /build/extracted/application/ ./
USER 999:999
VOLUME /data
EXPOSE 8080
ENV BATCHNORM_DATA_DIR=/data \
    SERVER_ADDRESS=0.0.0.0
HEALTHCHECK --start-period=30s CMD ["java", "-XX:TieredStopAtLevel=1", "-cp", "/app/BOOT-INF/classes", "batchnorm.HealthCheck"]
ENTRYPOINT ["java", "--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", \
    "-XX:MaxRAMPercentage=75", "-XX:+ExitOnOutOfMemoryError", "org.springframework.boot.loader.launch.JarLauncher"]

# The studio on a server of one's own: not root, on a read-only file system but for caches, temporary files and models.
#   docker build -t pix2pix-studio .
#   docker run --read-only --tmpfs /tmp -p 7860:7860 pix2pix-studio
# Models of one's own: -v ./checkpoints:/checkpoints. Settings: -e HOST, PORT, PIX2PIX_CHECKPOINTS, PIX2PIX_DEVICE.
FROM python:3.11-slim

# With a GPU: --build-arg TORCH=https://download.pytorch.org/whl/cu130, and docker run --gpus all.
ARG TORCH=https://download.pytorch.org/whl/cpu
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --index-url "$TORCH" "$(grep -o '^torch==[^ ]*' requirements.txt)" \
 && pip install --no-cache-dir -r requirements.txt \
 && useradd --uid 1000 --no-create-home studio \
 && install -d -o studio /cache /checkpoints
COPY README.md LICENSE app.py ./
COPY examples examples
COPY pix2pix pix2pix
COPY --chown=studio checkpoints /checkpoints

USER studio
ENV HOST=0.0.0.0 \
    PORT=7860 \
    PIX2PIX_CHECKPOINTS=/checkpoints \
    HOME=/tmp \
    GRADIO_TEMP_DIR=/tmp/gradio \
    HF_HOME=/cache/huggingface \
    PIX2PIX_CACHE=/cache/pix2pix-studio \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
VOLUME ["/cache", "/checkpoints"]
EXPOSE 7860
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['PORT'], timeout=5)"]
CMD ["python", "app.py"]

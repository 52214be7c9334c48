import { SensorPage } from '@/components/sensors/sensor-page';

export const metadata = { title: 'Sensor' };

export default async function Page({ params }: { params: Promise<{ ref: string }> }) {
  const { ref } = await params;
  return <SensorPage sensorRef={decodeURIComponent(ref)} />;
}

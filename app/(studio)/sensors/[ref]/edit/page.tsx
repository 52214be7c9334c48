import { EditSensorPage } from '@/components/sensors/edit-sensor-page';

export const metadata = { title: 'Edit sensor' };

export default async function Page({ params }: { params: Promise<{ ref: string }> }) {
  const { ref } = await params;
  return <EditSensorPage sensorRef={decodeURIComponent(ref)} />;
}
